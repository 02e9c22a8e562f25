import { beforeAll, describe, expect, test } from 'vitest';
import type { Container } from '../../support/bed/bed.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { clusterForTests, endpoints, hasKubernetes, holders } from '../../support/kubernetes/cluster-with-pods.ts';
import { createNamespace, createPod, forPod, type PodName } from '../../support/kubernetes/pods.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { agedBlocks } from '../../support/stored/aged.ts';

const GROUP = '["192.168.7.8","192.168.9.0-192.168.9.1"]';
const notes = (name: string, value: string) => ({ annotations: { [`cni.projectcalico.org/${name}`]: value } });

describe.skipIf(!hasKubernetes())('fixed address groups of pods, with data in etcd', () => {
  const cluster = clusterForTests();
  beforeAll(() => createNamespace(cluster.kubernetes, 'shared', notes('ipGroup', GROUP)));

  async function made(pod: string, metadata = {}, namespace = 'shared'): Promise<PodName> {
    await createPod(cluster.kubernetes, { namespace, pod }, metadata);
    return { namespace, pod };
  }
  const remove = ({ namespace, pod }: PodName) =>
    cluster.kubernetes.ask('DELETE', `/api/v1/namespaces/${namespace}/pods/${pod}?gracePeriodSeconds=0`);
  async function started(
    name: PodName,
  ): Promise<{ readonly container: Container; readonly addresses: readonly string[] }> {
    const container = await cluster.bed.container();
    return { container, addresses: addressesOf(await cluster.bed.add(container, forPod(name))) };
  }
  const refusal = async (name: PodName) =>
    failureOf(await cluster.bed.call('ADD', await cluster.bed.container(), forPod(name)));
  const stop = (container: Container, name: PodName) => cluster.bed.del(container, forPod(name));
  /** No interface is left, and all that IPAM knows is old. */
  async function cutPower(): Promise<void> {
    for (const link of await caliLinks(cluster.bed.host)) await cluster.bed.host.must('ip', ['link', 'del', link]);
    await cluster.bed.etcd.put(agedBlocks(await cluster.bed.etcd.dump()));
  }
  async function expectNothingHeld(): Promise<void> {
    expect(await endpoints(cluster)).toEqual({});
    expect(await holders(cluster)).toEqual([]);
    expect(violations(await cluster.bed.etcd.dump())).toEqual([]);
  }

  test('by ordinal and by order', async () => {
    const names = [await made('db-2'), await made('web-x'), await made('web-y')];
    const up = [];
    for (const name of names) up.push(await started(name));
    expect(up.map(({ addresses }) => addresses)).toEqual([['192.168.9.1'], ['192.168.7.8'], ['192.168.9.0']]);
    const refused = await refusal(await made('web-z'));
    expect(refused.details).toContain('192.168.7.8: pod shared/web-x on node node1; ');
    const shown = await calicoctl(cluster.bed, `ipam group show ${GROUP}`);
    expect(shown.stdout).toContain('|      2 | 192.168.9.1 | pod shared/db-2 on node node1  |\n');
    for (const [at, name] of names.entries()) {
      const { container } = up[at] ?? {};
      if (container !== undefined) await stop(container, name);
      await remove(name);
    }
    await expectNothingHeld();
  });

  test('a fixed address is taken over from a deleted pod after a power cut, with its endpoint', async () => {
    const old = await made('old', notes('ipAddrs', '["192.168.7.8"]'), 'prod');
    const first = await started(old);
    const again = await made('again', notes('ipAddrs', '["192.168.7.8"]'), 'prod');
    expect((await refusal(again)).details).toBe('Held by pod prod/old on node node1');
    await cutPower();
    await remove(old);
    const second = await started(again);
    expect(second.addresses).toEqual(['192.168.7.8']);
    expect(Object.keys(await endpoints(cluster))).toEqual(['prod/node1-k8s-again-eth0']);
    await stop(first.container, old);
    expect(await reaches(cluster.bed.host, '192.168.7.8')).toBe(true);
    await stop(second.container, again);
    await expectNothingHeld();
  });

  test('a pod that is created again waits for the DEL of the old one, and gets its member after a power cut', async () => {
    const name = await made('web');
    const first = await started(name);
    await remove(name);
    await made('web');
    await cluster.bed.etcd.put(agedBlocks(await cluster.bed.etcd.dump()));
    // Its old interface exists: it gets another member.
    const second = await started(name);
    expect([first, second].map(({ addresses }) => addresses)).toEqual([['192.168.7.8'], ['192.168.9.0']]);
    await stop(first.container, name);
    await cutPower();
    await remove(name);
    const third = await started(await made('web'));
    expect(third.addresses).toEqual(['192.168.9.0']);
    await stop(second.container, name);
    await stop(third.container, name);
    await expectNothingHeld();
  });
});
