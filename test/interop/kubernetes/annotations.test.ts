import { beforeAll, describe, expect, test } from 'vitest';
import type { Container } from '../../support/bed/bed.ts';
import {
  addressesOf,
  type CniResult,
  callPlugin,
  failureOf,
  resultOf,
  silentSuccess,
} from '../../support/calls/call.ts';
import {
  clusterForTests,
  endpointOf,
  endpoints,
  hasKubernetes,
  holders,
} from '../../support/kubernetes/cluster-with-pods.ts';
import { createNamespace, createPod, forPod, type PodName, podArgs, podConf } from '../../support/kubernetes/pods.ts';
import { caliLinks, links, netnsPath, routes } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { type Conf, POOL6, pool } from '../../support/stored/cluster.ts';

const PREFIX = 'cni.projectcalico.org/';
const prefixed = (notes: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(notes).map(([name, value]) => [PREFIX + name, value]));

const DUAL = { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' };

describe.skipIf(!hasKubernetes())('pod annotations', () => {
  const cluster = clusterForTests();
  let numbered = 0;
  beforeAll(async () => {
    const { bed, kubernetes } = cluster;
    const selective = { namespaceSelector: "team == 'red'", nodeSelector: 'all()' };
    await bed.etcd.put({ ...POOL6, ...pool('small', '10.77.0.0/24'), ...pool('red', '10.88.0.0/24', selective) });
    await createNamespace(kubernetes, 'red', { labels: { team: 'red' } });
    await createNamespace(kubernetes, 'small', { annotations: { [`${PREFIX}ipv4pools`]: '["10.77.0.0/24"]' } });
    await kubernetes.create('/api/v1/nodes', { metadata: { name: 'node1' }, spec: { podCIDRs: ['10.244.7.0/24'] } });
    await bed.host.must('sh', ['-ec', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding']);
  });

  async function pod(
    notes: Readonly<Record<string, string>> = {},
    namespace = 'prod',
  ): Promise<PodName & { readonly key: string }> {
    const name = { namespace, pod: `pod-${++numbered}` };
    await createPod(cluster.kubernetes, name, { annotations: prefixed(notes) });
    return { ...name, key: `${namespace}/node1-k8s-pod--${numbered}-eth0` };
  }

  /** Adds the pod, and deletes it after `look`. */
  async function added(
    name: PodName,
    conf: Conf,
    look: (result: CniResult, container: Container) => Promise<void>,
  ): Promise<void> {
    const container = await cluster.bed.container();
    const result = await cluster.bed.add(container, forPod(name, conf));
    await look(result, container);
    await cluster.bed.del(container, forPod(name, conf));
    expect(await endpoints(cluster)).toEqual({});
    expect(await holders(cluster)).toEqual([]);
  }

  test('are applied: pools of the pod, of its namespace, of the configuration', async () => {
    const conf = { ipam: { type: 'calico-ipam', ipv4_pools: ['default-ipv4-ippool'] } };
    await added(await pod(), conf, async (result) => expect(addressesOf(result)[0]).toMatch(/^192\.168\./));
    await added(await pod({}, 'small'), conf, async (result) => expect(addressesOf(result)[0]).toMatch(/^10\.77\./));
    const own = await pod({ ipv4pools: '["red"]' }, 'small');
    await added(own, conf, async (result) => expect(addressesOf(result)[0]).toMatch(/^10\.88\./));
  });

  test('are applied: pools that select the namespace', async () => {
    const conf = { ipam: { type: 'calico-ipam' } };
    await cluster.bed.etcd.put(pool('small', '10.77.0.0/24', { disabled: true }));
    await cluster.bed.etcd.put(pool('default-ipv4-ippool', '192.168.0.0/16', { namespaceSelector: "team != 'red'" }));
    await added(await pod({}, 'red'), conf, async (result) => expect(addressesOf(result)[0]).toMatch(/^10\.88\./));
    await added(await pod(), conf, async (result) => expect(addressesOf(result)[0]).toMatch(/^192\.168\./));
    await cluster.bed.etcd.put(pool('default-ipv4-ippool', '192.168.0.0/16'));
    await cluster.bed.etcd.put(pool('small', '10.77.0.0/24'));
  });

  test('are applied: families', async () => {
    const isIPv6 = (result: CniResult) => addressesOf(result).map((text) => text.includes(':'));
    const both = await pod({ ipFamilies: '["IPv4","IPv6"]' });
    await added(both, {}, async (result) => expect(isIPv6(result)).toEqual([false, true]));
    const six = await pod({ ipFamilies: '["IPv6"]' });
    await added(six, {}, async (result) => expect(isIPv6(result)).toEqual([true]));
  });

  test("are applied: the pod's own addresses, kept from sandbox to sandbox", async () => {
    const { bed } = cluster;
    const name = await pod({ ipAddrs: '["10.77.0.9","fd80:24e2:f998:72d6::9"]' });
    const [old, fresh] = [await bed.container(), await bed.container()];
    const wanted = ['10.77.0.9', 'fd80:24e2:f998:72d6::9'];
    const first = await bed.add(old, forPod(name));
    expect(addressesOf(first)).toEqual(wanted);
    expect(first.routes ?? []).toEqual([]);
    expect(addressesOf(await bed.add(old, forPod(name)))).toEqual(wanted);
    expect(addressesOf(await bed.add(fresh, forPod(name)))).toEqual(wanted);
    await bed.del(old, forPod(name));
    expect(await endpointOf(cluster, name.key)).toMatchObject({ spec: { containerID: fresh.containerID } });
    for (const address of wanted) expect(await reaches(bed.host, address), address).toBe(true);
    const other = await pod({ ipAddrs: '["10.77.0.9"]' });
    const third = await bed.container();
    expect(failureOf(await bed.call('ADD', third, forPod(other)))).toMatchObject({
      code: 999,
      msg: 'error getting IP from IPAM: resource already exists: 10.77.0.9 with error: Address already assigned in block',
    });
    await bed.del(fresh, forPod(name));
    expect(await holders(cluster)).toEqual([]);
  });

  test('are applied: addresses without IPAM, if the configuration allows them', async () => {
    const name = await pod({ ipAddrsNoIpam: '["172.31.9.9"]' });
    const conf = { feature_control: { ip_addrs_no_ipam: true } };
    await added(name, conf, async (result) => {
      expect(addressesOf(result)).toEqual(['172.31.9.9']);
      expect(await reaches(cluster.bed.host, '172.31.9.9')).toBe(true);
      expect(await holders(cluster)).toEqual([]);
    });
  });

  test('are applied: a MAC, floating addresses and source prefixes', async () => {
    const notes = { hwAddr: '02-AB-00-00-00-07', floatingIPs: '["1.2.3.4"]', allowedSourcePrefixes: '["10.1.2.3/8"]' };
    const name = await pod(notes);
    await added(name, { feature_control: { floating_ips: true } }, async (result, container) => {
      const eth0 = (await links(cluster.bed.host, container.netns)).find(({ ifname }) => ifname === 'eth0');
      expect(eth0?.address).toBe('02:ab:00:00:00:07');
      const [internalIP] = addressesOf(result);
      expect((await endpointOf(cluster, name.key))?.spec).toMatchObject({
        mac: '02:ab:00:00:00:07',
        ipNATs: [{ internalIP, externalIP: '1.2.3.4' }],
        allowSpoofedSourcePrefixes: ['10.0.0.0/8'],
      });
    });
  });

  const REFUSED: readonly [string, Readonly<Record<string, string>>, Conf, string | RegExp][] = [
    ['no families at all', { ipFamilies: '[]' }, {}, 'IPAM plugin returned missing IP config'],
    ['an invalid family', { ipFamilies: '["ipv4"]' }, {}, 'error parsing ipFamilies: ["ipv4"]'],
    [
      'floating addresses that are not enabled',
      { floatingIPs: '["1.2.3.4"]' },
      {},
      'requested feature is not enabled: floating_ips',
    ],
    [
      'a floating address of a family that the pod lacks',
      { floatingIPs: '["fd01::1"]' },
      { feature_control: { floating_ips: true } },
      'floating IP fd01::1 needs an IPv6 address of the pod',
    ],
    [
      'an address outside all pools',
      { ipAddrs: '["9.9.9.9"]' },
      {},
      'error getting IP from IPAM: The provided IP address is not in a configured pool\n',
    ],
    ['an unknown pool', { ipv4pools: '["nope"]' }, {}, 'error parsing pool "nope": invalid CIDR address: nope'],
    [
      'an invalid MAC',
      { hwAddr: 'x' },
      {},
      /^failed to parse MAC address x provided via cni.projectcalico.org\/hwAddr: ./,
    ],
    [
      'addresses with another IPAM plugin',
      { ipAddrs: '["10.0.0.1"]' },
      { ipam: { type: 'host-local' } },
      'ipAddrs is not compatible with configured IPAM: host-local',
    ],
  ];

  test.each(REFUSED)('are rejected: %s, and nothing is left', async (_, notes, conf, wanted) => {
    const { bed } = cluster;
    const container = await bed.container();
    const found = failureOf(await bed.call('ADD', container, forPod(await pod(notes), conf)));
    expect(found.code).toBe(999);
    if (typeof wanted === 'string') expect(found.msg).toBe(wanted);
    else expect(found.msg).toMatch(wanted);
    expect(await holders(cluster)).toEqual([]);
    expect(await endpoints(cluster)).toEqual({});
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test('with host-local: the node’s pod network and its own routes; DEL needs no API server', async () => {
    const { bed, kubernetes } = cluster;
    const name = await pod();
    const container = await bed.container();
    const ipam = { type: 'host-local', ranges: [[{ subnet: 'usePodCidr' }]], routes: [{ dst: '10.0.0.0/8' }] };
    const [address = ''] = addressesOf(await bed.add(container, forPod(name, { ipam })));
    expect(address).toMatch(/^10\.244\.7\./);
    const own = (await routes(bed.host, container.netns)).map(({ dst }) => dst);
    expect(own).toContain('10.0.0.0/8');
    expect(own).not.toContain('default');
    kubernetes.pause();
    try {
      await bed.del(container, forPod(name, { ipam }));
    } finally {
      kubernetes.resume();
    }
    expect(await endpoints(cluster)).toEqual({});
    const missing = { ipam: { type: 'host-local', subnet: 'usePodCidrIPv6' } };
    expect(failureOf(await bed.call('ADD', container, forPod(name, missing))).msg).toBe(
      'usePodCidrIPv6 found but there is no IPv6 CIDR configured',
    );
  });

  test('with calico-ipam alone: pools that select the namespace', async () => {
    const { bed } = cluster;
    const plugin = 'calico-ipam';
    const conf = podConf({ ipam: { type: plugin } });
    await bed.etcd.put(pool('default-ipv4-ippool', '192.168.0.0/16', { namespaceSelector: "team == 'blue'" }));
    await bed.etcd.put(pool('small', '10.77.0.0/24', { disabled: true }));
    const container = await bed.container();
    const call = { containerID: container.containerID, netns: netnsPath(container.netns), plugin, conf };
    const args = podArgs({ namespace: 'red', pod: 'anything' });
    expect(addressesOf(resultOf(await callPlugin(bed.host, { command: 'ADD', args, ...call })))[0]).toMatch(
      /^10\.88\./,
    );
    silentSuccess(await callPlugin(bed.host, { command: 'DEL', args, ...call }));
    const elsewhere = podArgs({ namespace: 'nons', pod: 'anything' });
    expect(failureOf(await callPlugin(bed.host, { command: 'ADD', args: elsewhere, ...call })).msg).toBe(
      'failed to get namespace nons: namespaces "nons" not found',
    );
    // Without a pod, the namespace is `default`, which this pool does not select.
    expect(failureOf(await callPlugin(bed.host, { command: 'ADD', ...call })).msg).toBe(
      'no configured Calico pools for node node1',
    );
    // STATUS is not about a particular namespace.
    const status = podConf({ cniVersion: '1.1.0' });
    silentSuccess(await bed.call('STATUS', container, { conf: status, containerID: '', netns: '', ifname: '' }));
    await bed.etcd.put(pool('default-ipv4-ippool', '192.168.0.0/16'));
    await bed.etcd.put(pool('small', '10.77.0.0/24'));
  });

  test('of both families', async () => {
    await added(await pod(), { ipam: DUAL }, async (result) => {
      expect(addressesOf(result)).toHaveLength(2);
      for (const address of addressesOf(result)) expect(await reaches(cluster.bed.host, address), address).toBe(true);
    });
  });
});
