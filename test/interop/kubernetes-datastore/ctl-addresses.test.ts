import { beforeEach, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import { kddPod, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { kubernetesCalicoctl, kubernetesSaid } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { affinityName, blockName } from '../../support/kubernetes-datastore/objects.ts';

/** Where the node's first block is not. */
const CIDR = '192.168.3.64/26';
const HANDLE = `${NETWORK}.c0ffee0001`;
const holders = [{ handleID: HANDLE, attributes: { node: 'node1', namespace: 'prod', pod: 'gone' } }];

inBothGroups('addresses by calicoctl in a cluster with %s', (bed, group) => {
  beforeEach(() => bed.reset());

  const say = (line: string, status = 0) => kubernetesSaid(bed, line, { status });

  async function added() {
    const name = await bed.pod();
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, kddPod(name)));
    return { name, container, address };
  }

  test('shows a pod, its address and its block as the datastore holds them', async () => {
    const { name, address } = await added();
    const wep = await say('get wep -A');
    expect(wep.split('\n')[0]?.trimEnd()).toBe('NAMESPACE   WORKLOAD   NODE    NETWORKS            INTERFACE');
    expect(wep).toMatch(new RegExp(`\\nprod {8}${name.pod} {6}node1   ${address}/32   cali[0-9a-f]{11} +\\n`));
    expect(await say('get blockaffinities')).toMatch(/\n192\.168\.89\.128\/26 {3}host {3}node1 {3}confirmed/);
    expect(await say('ipam show')).toMatch(/\| IP Pool {2}\| 192\.168\.0\.0\/16 \| +65536 \| 1 \(0%\)/);
    expect(await say('ipam show --show-blocks')).toMatch(/\| Block +\| 192\.168\.89\.128\/26 +\| +64 \| 1 \(2%\)/);
    expect(await say(`ipam show --ip=${address}`)).toMatch(
      new RegExp(
        `^IP ${address} is in use\\nHandle ID: ${NETWORK}\\.\\S+\\nActive Owner Attributes:\\n  namespace: prod\\n  node: node1\\n  pod: ${name.pod}\\n`,
      ),
    );
    expect(await say('node ipam --node=node1')).toContain('node1 has 1 block of at most 20 per family');
    expect(await say('ipam check')).toMatch(
      /^Checked 1 block with 1 address, 1 affinity, 1 handle, 1 endpoint, 1 pool, 2 nodes /,
    );
  });

  test('releases an address, and the pod’s when its endpoint is deleted', async () => {
    const { address } = await added();
    expect(await say(`ipam release --ip=${address}`)).toBe(`Successfully released IP address ${address}\n`);
    expect(await say('ipam check', 1)).toContain(`Addresses in use that IPAM considers free: 1\n  ${address}: `);
    const next = await added();
    await say(`delete wep node1-k8s-${next.name.pod.replaceAll('-', '--')}-eth0 -n prod --yes`);
    expect(await say(`ipam show --ip=${next.address}`)).toMatch(/is not assigned\n/);
    const pod = await bed.podObject(next.name);
    expect(pod?.metadata.annotations?.['cni.projectcalico.org/podIPs']).toBe('');
  });

  test('gives up a pool, and pods keep their addresses', async () => {
    await added();
    await say('delete pool default-ipv4-ippool');
    expect(await bed.list('blockaffinities')).toEqual([]);
    expect(await bed.list('ipamblocks')).toMatchObject([{ spec: { allocations: expect.arrayContaining([0]) } }]);
    expect(await say('ipam check')).toContain('found 0 problems');
  });

  test('splits a pool, and pods keep their addresses', async () => {
    const { address } = await added();
    await say('datastore migrate lock');
    try {
      expect(await say('ipam split 2 --cidr=192.168.0.0/16')).toContain(
        'Made IPPool(default-ipv4-ippool-1) 192.168.128.0/17',
      );
    } finally {
      await say('datastore migrate unlock');
    }
    expect(await say('get ippools')).toMatch(/default-ipv4-ippool-0 .*\ndefault-ipv4-ippool-1 .*\n\n$/);
    expect(await say('ipam check')).toContain('found 0 problems');
    expect(await say(`ipam show --ip=${address}`)).toContain('pool default-ipv4-ippool-0');
    expect((await added()).address).toMatch(/^192\.168\.89\./);
  });

  test('refuses to delete a node that exists before it releases anything, and cleans up after one that is gone', async () => {
    await added();
    const before = await bed.dump();
    expect(await kubernetesCalicoctl(bed, 'delete node node1 --yes')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('operation Delete is not supported on Node(node1)'),
    });
    expect(await bed.dump()).toEqual(before);
    await bed.ask('DELETE', '/api/v1/nodes/node1');
    try {
      expect(await say('ipam check --cluster-only', 1)).toContain('which has no Node resource');
      expect(await say('delete node node1 --yes')).toContain(
        'deleted what it left: 1 endpoint with 1 address, 1 block',
      );
      expect(await bed.list('ipamblocks')).toEqual([]);
      expect(await bed.list('ipamhandles')).toEqual([]);
      expect(await say('ipam check --cluster-only')).toContain('found 0 problems');
    } finally {
      await bed.kubernetes.create('/api/v1/nodes', { metadata: { name: 'node1' } });
    }
  });

  const owned = () => ({ node: 'node1', holders });
  const bare = async () => {
    const { objects, apply } = bed;
    await apply(objects.block(CIDR, { node: 'node1' }));
    await apply(objects.affinity('node1', CIDR));
  };
  const unlabel = async () => {
    const path = resourcePath(group, 'blockaffinities', affinityName('node1', CIDR));
    const { body } = await bed.ask('GET', path);
    const { labels: _, annotations: __, ...metadata } = body['metadata'] as Readonly<Record<string, unknown>>;
    await bed.ask('PUT', path, { ...body, metadata });
  };

  test.each([
    [
      'an address without handle',
      'Addresses whose handle is missing: 1',
      async () => {
        const { objects, apply } = bed;
        await apply(objects.block(CIDR, owned()));
        await apply(objects.affinity('node1', CIDR));
      },
    ],
    [
      'a handle without address',
      'Handles without any address: 1',
      async () => {
        await bare();
        await bed.apply(bed.objects.handle(HANDLE, { [CIDR]: 1 }));
      },
    ],
    [
      'a block without affinity',
      'Blocks whose owner has no affinity: 1',
      () => bed.apply(bed.objects.block(CIDR, { node: 'node1' })),
    ],
    [
      'an affinity without block',
      'Affinities for blocks that do not exist: 1',
      () => bed.apply(bed.objects.affinity('node1', CIDR)),
    ],
    [
      'a pending affinity of an own block',
      'Affinities left pending or half released: 1',
      async () => {
        await bare();
        await bed.apply(bed.objects.affinity('node1', CIDR, { state: 'pendingDeletion' }));
      },
    ],
    [
      'an affinity of another owner’s block',
      "Affinities for another owner's block, or for one without an owner: 1",
      async () => {
        await bare();
        await bed.apply(bed.objects.affinity('node2', CIDR, { state: 'pending' }));
      },
    ],
    [
      'an affinity without labels',
      'Affinities that nodes do not find, for lack of labels: 1',
      async () => {
        await bare();
        await unlabel();
      },
    ],
    [
      'soft-deleted objects',
      'Objects that are marked as deleted and still there: 3',
      async () => {
        const { objects, apply } = bed;
        const deleted = group === 'projectcalico.org' ? true : 'true';
        await apply(objects.block(CIDR, { spec: { deleted: true } }));
        await apply(objects.affinity('node1', CIDR, { deleted }));
        await apply(objects.handle(HANDLE, {}, { deleted: true }));
      },
    ],
  ])('finds and mends %s', async (_, title, seed) => {
    await seed();
    expect(await say('ipam check --grace=0', 1)).toContain(`\n${title}\n`);
    const before = await bed.dump();
    await say('ipam repair --dry-run --grace=0');
    expect(await bed.dump()).toEqual(before);
    await say('ipam repair --yes --grace=0');
    await say('ipam repair --yes --grace=0');
    expect(await say('ipam check --grace=0')).toContain('found 0 problems');
    expect(await bed.faults()).toEqual([]);
  });

  // The server of v3 refuses such an object.
  test.runIf(group === 'crd.projectcalico.org')(
    'names an object that cannot be read, and does not touch it',
    async () => {
      await bare();
      const path = resourcePath(group, 'ipamblocks', blockName(CIDR));
      const { body } = await bed.ask('GET', path);
      const spec = body['spec'] as object;
      await bed.ask('PUT', path, { ...body, spec: { ...spec, cidr: 'nonsense' } });
      expect(await say('ipam check', 1)).toContain(`ipamblocks/${blockName(CIDR)}: not a valid block key, skipped`);
    },
  );
});
