import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressesOf, failureOf, silentSuccess } from '../../support/calls/call.ts';
import type { Container } from '../../support/calls/containers.ts';
import { createNamespace, createPod, type PodName } from '../../support/kubernetes/pods.ts';
import { ageBlocks } from '../../support/kubernetes-datastore/aged-blocks.ts';
import { kddConf, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { endpointNotes, expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';

const GROUP = '["192.168.7.8","192.168.9.0-192.168.9.1"]';
const note = (value: string) => ({ annotations: { 'cni.projectcalico.org/ipGroup': value } });

inBothGroups('fixed address groups in a cluster with %s', (bed) => {
  beforeAll(() => createNamespace(bed.kubernetes, 'shared', note(GROUP)));
  beforeEach(async () => {
    await bed.reset();
    await bed.ask('DELETE', '/api/v1/namespaces/shared/pods?gracePeriodSeconds=0');
  });

  const remove = ({ namespace, pod }: PodName) =>
    bed.ask('DELETE', `/api/v1/namespaces/${namespace}/pods/${pod}?gracePeriodSeconds=0`);

  /** A pod as its controller makes it, in `prod` with a group of its own, or in `shared` with the namespace's. */
  async function made(pod: string, { namespace = 'prod', node = 'node1', labels = {} } = {}): Promise<PodName> {
    const own = namespace === 'prod' ? note(GROUP) : {};
    await createPod(bed.kubernetes, { namespace, pod }, { ...own, labels }, { nodeName: node });
    return { namespace, pod };
  }

  interface Up {
    readonly name: PodName;
    readonly container: Container;
    readonly addresses: readonly string[];
  }
  /** Adds the pod on its node. Fails the test if a single write violates an invariant. */
  async function started(name: PodName, nodename = 'node1'): Promise<Up> {
    const container = await bed.container();
    let addresses: readonly string[] = [];
    const work = async () => {
      addresses = addressesOf(await bed.add(container, kddPod(name, { nodename })));
    };
    expect(await bed.faultsDuring(work, () => nodename)).toEqual([]);
    return { name, container, addresses };
  }
  const stop = async ({ name, container }: Up, nodename = 'node1') => {
    expect(
      await bed.faultsDuring(
        () => bed.del(container, kddPod(name, { nodename })),
        () => nodename,
      ),
    ).toEqual([]);
  };
  const refusal = async (name: PodName) => failureOf(await bed.call('ADD', await bed.container(), kddPod(name)));

  test('give a StatefulSet’s pod its ordinal’s member, on whatever node it starts', async () => {
    const first = await started(await made('db-0'));
    const labels = { 'apps.kubernetes.io/pod-index': '2', 'statefulset.kubernetes.io/pod-name': 'db-2' };
    const third = await started(await made('db-2', { labels }));
    expect([first, third].map(({ addresses }) => addresses)).toEqual([['192.168.7.8'], ['192.168.9.1']]);
    await stop(third);
    await remove(third.name);
    const moved = await started(await made('db-2', { labels, node: 'node2' }), 'node2');
    expect(moved.addresses).toEqual(['192.168.9.1']);
    expect(await endpointNotes(bed, moved.name)).toMatchObject({ podIPs: '192.168.9.1/32' });
    expect((await refusal(await made('db-3'))).msg).toBe(
      "error getting IP from IPAM: the pod's ordinal is 3, and the fixed address group has only 3 IPv4 addresses, numbered from 0",
    );
    await stop(moved, 'node2');
    await stop(first);
    await expectNothingHeld(bed);
  });

  test('of the namespace are shared by a Deployment’s pods, and a freed member goes to the next', async () => {
    const pods = [];
    for (const suffix of ['x2k9p', '24567', 'zz9wq']) {
      pods.push(await started(await made(`web-7d4b9c6f5-${suffix}`, { namespace: 'shared' })));
    }
    expect(pods.flatMap(({ addresses }) => addresses)).toEqual(['192.168.7.8', '192.168.9.0', '192.168.9.1']);
    const late = await made('web-7d4b9c6f5-mmmmm', { namespace: 'shared' });
    const { msg, details } = await refusal(late);
    expect(msg).toBe(
      'error getting IP from IPAM: no IPv4 address of the fixed address group is free: it has 3, 3 are assigned',
    );
    expect(details).toContain('192.168.9.0: pod shared/web-7d4b9c6f5-24567 on node node1; ');
    expect(details).toContain('add addresses to annotation cni.projectcalico.org/ipGroup of the namespace');
    const [, second] = pods;
    if (second !== undefined) await stop(second);
    expect((await started(late)).addresses).toEqual(['192.168.9.0']);
  });

  test('are the same for CHECK and a repeated ADD', async () => {
    const up = await started(await made('db-1'));
    const prevResult = await bed.add(up.container, kddPod(up.name));
    expect(addressesOf(prevResult)).toEqual(up.addresses);
    silentSuccess(await bed.call('CHECK', up.container, { ...kddPod(up.name), conf: kddConf({ prevResult }) }));
    await stop(up);
    await expectNothingHeld(bed);
  });

  describe('when a pod is created again under its name', () => {
    test('before the old one’s DEL, the address waits for that DEL', async () => {
      const old = await started(await made('db-1'));
      await remove(old.name);
      const again = await made('db-1');
      await ageBlocks(bed);
      const { msg, details } = await refusal(again);
      expect(msg).toBe(
        'error getting IP from IPAM: 192.168.9.0, address 1 of the fixed address group, is already assigned',
      );
      expect(details).toBe(
        'Held by pod prod/db-1 on node node1; an earlier container of this pod: its address is released when the runtime deletes it',
      );
      expect(await reaches(bed.host, '192.168.9.0')).toBe(true);
      await stop(old);
      expect((await started(again)).addresses).toEqual(['192.168.9.0']);
    });

    test('after a power cut, the address is taken over, and the late DEL leaves it alone', async () => {
      const old = await started(await made('web', { namespace: 'shared' }));
      const [link = ''] = await caliLinks(bed.host);
      await bed.host.must('ip', ['link', 'del', link]);
      await remove(old.name);
      await ageBlocks(bed);
      // Another pod is served first: it does not get what this name may want again.
      const other = await started(await made('other', { namespace: 'shared' }));
      const again = await started(await made('web', { namespace: 'shared' }));
      expect([other, again].map(({ addresses }) => addresses)).toEqual([['192.168.9.0'], ['192.168.7.8']]);
      await stop(old);
      expect(await reaches(bed.host, '192.168.7.8')).toBe(true);
      expect(await bed.faults()).toEqual([]);
    });
  });

  test('a member is taken over from a pod that is deleted, not from one that exists or of another node', async () => {
    const old = await started(await made('db-0'));
    const [link = ''] = await caliLinks(bed.host);
    await bed.host.must('ip', ['link', 'del', link]);
    await ageBlocks(bed);
    const wanting = await made('cache-0');
    expect((await refusal(wanting)).details).toBe(
      'Held by pod prod/db-0 on node node1; delete that container, or give it another address',
    );
    await remove(old.name);
    expect((await started(wanting)).addresses).toEqual(['192.168.7.8']);
    expect(await bed.faults()).toEqual([]);
  });

  test('a member of a dead node stays assigned: the error names the node and what to do', async () => {
    const old = await started(await made('db-0', { node: 'node2' }), 'node2');
    const [link = ''] = await caliLinks(bed.host);
    await bed.host.must('ip', ['link', 'del', link]);
    await remove(old.name);
    await ageBlocks(bed);
    const { details } = await refusal(await made('db-0'));
    expect(details).toMatch(
      /^Held by pod prod\/db-0 on node node2; an earlier pod of this name: node node2 releases .* switched off for good, delete the Node, and calicoctl delete node node2 releases what it held$/,
    );
  });
});
