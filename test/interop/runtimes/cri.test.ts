import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Sandbox, type Sandboxes, startSandboxes } from '../../support/containerd/sandboxes.ts';
import {
  clusterForTests,
  endpointOf,
  endpoints,
  hasKubernetes,
  holders,
} from '../../support/kubernetes/cluster-with-pods.ts';
import { createPod, podConf } from '../../support/kubernetes/pods.ts';
import { caliLinks, routes } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';

const { cniVersion: _, name: __, ...OURS } = podConf({ bandwidth_by: 'plugin', capabilities: { bandwidth: true } });
const LIST = [OURS, { type: 'portmap', capabilities: { portMappings: true } }];
const AT_ONCE = 40;

const hasParts = () => hasKubernetes() && tools().containerd !== undefined;

describe.skipIf(!hasParts())('pods run through containerd as kubelet runs them', () => {
  const cluster = clusterForTests();
  let runtime: Sandboxes;
  beforeAll(async () => {
    runtime = await startSandboxes(cluster.bed.host, LIST);
  });
  afterAll(() => runtime?.stop());

  /** Everything that a pod creates during its life. */
  const left = async () => ({
    links: (await cluster.bed.host.must('ip', ['-br', 'link'])).match(/^(cali|bwc)\S*/gm) ?? [],
    routes: (await routes(cluster.bed.host)).filter(
      ({ dst, dev = '' }) => dev.startsWith('cali') && dst !== 'fe80::/64',
    ),
    endpoints: Object.keys(await endpoints(cluster)),
    holders: await holders(cluster),
  });
  const NOTHING = { links: [], routes: [], endpoints: [], holders: [] };

  test('have the limits of their annotations', async () => {
    const { bed, kubernetes } = cluster;
    const pod = { namespace: 'prod', pod: 'limited-0' };
    const annotations = { 'kubernetes.io/ingress-bandwidth': '10M', 'kubernetes.io/egress-bandwidth': '5M' };
    await createPod(kubernetes, pod, { annotations });
    const sandbox = await runtime.run(pod, annotations);
    expect(await reaches(bed.host, sandbox.address)).toBe(true);
    expect(await endpointOf(cluster, 'prod/node1-k8s-limited--0-eth0')).toMatchObject({
      spec: { containerID: sandbox.id, ipNetworks: [`${sandbox.address}/32`], profiles: ['kns.prod'] },
    });
    const [link] = await caliLinks(bed.host);
    expect(await bed.host.must('tc', ['qdisc', 'show', 'dev', `${link}`])).toMatch(/tbf .*rate 10Mbit/);
    expect(await bed.host.must('tc', ['qdisc', 'show'])).toMatch(/tbf .*dev bwcali\S+ .*rate 5Mbit/);
    await runtime.remove(sandbox);
    expect(await left()).toEqual(NOTHING);
  });

  test('keep working in a new sandbox when the old one is removed late', async () => {
    const { bed, kubernetes } = cluster;
    const pod = { namespace: 'prod', pod: 'renewed-0' };
    await createPod(kubernetes, pod);
    const old = await runtime.run(pod);
    const fresh = await runtime.run(pod, {}, 1);
    await runtime.remove(old);
    expect(await reaches(bed.host, fresh.address)).toBe(true);
    expect(await holders(cluster)).toEqual([`k8s-pod-network.${fresh.id}`]);
    await runtime.remove(fresh);
    expect(await left()).toEqual(NOTHING);
  });

  test(`start ${AT_ONCE} at once, are reachable, and leave nothing behind`, { timeout: 240_000 }, async () => {
    const { bed, kubernetes } = cluster;
    const pods = Array.from({ length: AT_ONCE }, (_each, at) => ({ namespace: 'prod', pod: `web-${at}` }));
    for (let at = 0; at < AT_ONCE; at += 4) {
      await Promise.all(pods.slice(at, at + 4).map((pod) => createPod(kubernetes, pod)));
    }
    const sandboxes: readonly Sandbox[] = await Promise.all(pods.map((pod) => runtime.run(pod)));
    expect(new Set(sandboxes.map(({ address }) => address)).size).toBe(AT_ONCE);
    expect(await Promise.all(sandboxes.map(({ address }) => reaches(bed.host, address)))).not.toContain(false);
    const living = await left();
    expect(Object.values(living).map(({ length }) => length)).toEqual([AT_ONCE, AT_ONCE, AT_ONCE, AT_ONCE]);
    await Promise.all(sandboxes.map((sandbox) => runtime.remove(sandbox)));
    expect(await left()).toEqual(NOTHING);
  });
});
