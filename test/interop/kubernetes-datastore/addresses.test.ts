import { beforeAll, beforeEach, expect, test } from 'vitest';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import { kddPod, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { endpointNotes, expectNothingHeld, heldOn } from '../../support/kubernetes-datastore/held.ts';
import { DUAL } from '../../support/stored/cluster.ts';

/** One block of four addresses. */
const TINY = '10.77.0.0/30';

inBothGroups('addresses in a cluster with %s', (bed) => {
  beforeAll(async () => {
    await bed.host.must('sh', ['-ec', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding']);
  });
  beforeEach(() => bed.reset());

  const noted = (annotations: Readonly<Record<string, string>>) =>
    bed.pod({
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [`cni.projectcalico.org/${name}`, value]),
      ),
    });

  /** Adds the pod and returns its addresses. Fails the test if a single write violates an invariant. */
  async function added(name: PodName, conf = {}, nodeOf?: () => string) {
    const container = await bed.container();
    let addresses: readonly string[] = [];
    const work = async () => {
      addresses = addressesOf(await bed.add(container, kddPod(name, conf)));
    };
    expect(await bed.faultsDuring(work, nodeOf)).toEqual([]);
    return { container, addresses, del: () => bed.del(container, kddPod(name, conf)) };
  }

  test('of both families', async () => {
    await bed.apply(bed.objects.pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64'));
    const name = await bed.pod();
    const { addresses, del } = await added(name, { ipam: DUAL });
    expect(addresses).toHaveLength(2);
    const [v4, v6] = addresses;
    expect(await endpointNotes(bed, name)).toMatchObject({ podIP: `${v4}/32`, podIPs: `${v4}/32,${v6}/128` });
    const claims = await bed.list('blockaffinities');
    expect(claims.map(({ metadata }) => metadata.labels?.['projectcalico.org/ip-version']).toSorted()).toEqual([
      '4',
      '6',
    ]);
    expect(await bed.faultsDuring(del)).toEqual([]);
    await expectNothingHeld(bed);
  });

  test('that pods request by address', async () => {
    const name = await noted({ ipAddrs: '["192.168.9.9"]' });
    const { addresses, del } = await added(name);
    expect(addresses).toEqual(['192.168.9.9']);
    expect(await bed.faults()).toEqual([]);
    await del();
    await expectNothingHeld(bed);
  });

  test('that pods request without IPAM', async () => {
    const name = await noted({ ipAddrsNoIpam: '["10.99.0.7"]' });
    const container = await bed.container();
    const call = kddPod(name, { feature_control: { ip_addrs_no_ipam: true } });
    expect(addressesOf(await bed.add(container, call))).toEqual(['10.99.0.7']);
    expect(await bed.list('ipamblocks')).toEqual([]);
    expect((await endpointNotes(bed, name)).podIPs).toBe('10.99.0.7/32');
    await bed.del(container, call);
    expect((await endpointNotes(bed, name)).podIPs).toBe('');
    await expectNothingHeld(bed);
  });

  test('of the pool that the pod names, created by kubectl with only a CIDR', async () => {
    await bed.apply(bed.objects.barePool('bare', '10.88.0.0/24'));
    const name = await noted({ ipv4pools: '["10.88.0.0/24"]' });
    const { addresses, del } = await added(name);
    expect(addresses).toEqual([expect.stringMatching(/^10\.88\.0\./)]);
    expect((await bed.list('ipamblocks'))[0]?.spec['cidr']).toMatch(/\/26$/);
    await del();
    await expectNothingHeld(bed);
  });

  const tinyPool = async () => {
    await bed.apply(bed.objects.pool('tiny', TINY, { blockSize: 30 }));
    return () => noted({ ipv4pools: '["tiny"]' });
  };

  test('borrowed from another node’s block: the handle is written first and deleted last', async () => {
    const tiny = await tinyPool();
    const foreign = { handleID: `${NETWORK}.c9999`, attributes: { node: 'node2' } };
    await bed.apply(bed.objects.affinity('node2', TINY));
    await bed.apply(bed.objects.block(TINY, { node: 'node2', holders: [foreign] }));
    await bed.apply(bed.objects.handle(foreign.handleID, { [TINY]: 1 }));
    const { container, addresses, del } = await added(await tiny());
    expect(addresses).toEqual([expect.stringMatching(/^10\.77\.0\.[123]$/)]);
    expect((await bed.list('ipamblocks'))[0]?.spec['affinity']).toBe('host:node2');
    expect((await heldOn(bed)).handles).toContain(`${NETWORK}.${container.containerID}`);
    expect(await bed.faults()).toEqual([]);
    expect(await bed.faultsDuring(del)).toEqual([]);
    expect((await heldOn(bed)).handles).toEqual([foreign.handleID]);
    expect(await bed.faults()).toEqual([]);
  });

  test('of other nodes’ blocks are refused under strict affinity, and nothing is left', async () => {
    const tiny = await tinyPool();
    await bed.apply(bed.objects.config({ strictAffinity: true }));
    const foreign = { handleID: `${NETWORK}.c9999`, attributes: { node: 'node2' } };
    await bed.apply(bed.objects.affinity('node2', TINY));
    await bed.apply(bed.objects.block(TINY, { node: 'node2', holders: [foreign] }));
    await bed.apply(bed.objects.handle(foreign.handleID, { [TINY]: 1 }));
    const before = await bed.dump();
    const container = await bed.container();
    failureOf(await bed.call('ADD', container, kddPod(await tiny())));
    expect(await bed.dump()).toEqual(before);
  });

  test('run out, and the last one is available again after a release', async () => {
    const tiny = await tinyPool();
    const four = [];
    for (let at = 0; at < 4; at++) four.push(await added(await tiny()));
    expect(new Set(four.flatMap(({ addresses }) => addresses)).size).toBe(4);
    const late = await bed.container();
    const name = await tiny();
    failureOf(await bed.call('ADD', late, kddPod(name)));
    expect((await heldOn(bed)).handles).toHaveLength(4);
    await four[0]?.del();
    expect(addressesOf(await bed.add(late, kddPod(name)))).toEqual(four[0]?.addresses);
    expect(await bed.faults()).toEqual([]);
  });

  test('that are reserved are skipped', async () => {
    const tiny = await tinyPool();
    await bed.apply(bed.objects.reservation('three', '10.77.0.0/31', '10.77.0.2/32'));
    const { addresses } = await added(await tiny());
    expect(addresses).toEqual(['10.77.0.3']);
  });

  test('of an empty block that another node has kept long enough are reclaimed', async () => {
    const tiny = await tinyPool();
    await bed.apply(bed.objects.config({ strictAffinity: true }));
    await bed.apply(bed.objects.affinity('node2', TINY));
    await bed.apply(bed.objects.block(TINY, { node: 'node2', spec: { affinityClaimTime: '2020-01-01T00:00:00Z' } }));
    const { addresses } = await added(await tiny());
    expect(addresses).toEqual([expect.stringMatching(/^10\.77\.0\./)]);
    const claims = await bed.list('blockaffinities');
    expect(claims.map(({ spec }) => spec['node'])).toEqual(['node1']);
    expect(await bed.faults()).toEqual([]);
  });
});
