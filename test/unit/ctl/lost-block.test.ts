import { describe, expect, test } from 'vitest';
import { isFault } from '../../../ctl/check/finding.ts';
import { parseReport, reportText } from '../../../ctl/check/report.ts';
import { repair } from '../../../ctl/repair/repair.ts';
import { decodeBlock } from '../../../ipam/block/block-json.ts';
import { inspectModel, linesOf, menderOf } from '../../support/calicoctl/check-model.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { cidr } from '../../support/inputs/cidr.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { A, B, blockOf, claim, container, counts, damaged } from '../../support/stored/ipam-healthy.ts';
import { at, block, claimOn, handle, nodeKeyOf } from '../../support/stored/ipam-world.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const NOW = at(3600);
type Put = Readonly<Record<string, string | undefined>>;

/** HEALTHY and a second pod, whose block is missing. */
const LOST: Put = {
  ...counts('net1.c2', { [A]: 1 }),
  ...endpoint('node1', 'c2', 'net1', '10.10.0.3'),
  [block(A)]: undefined,
};
const SAID =
  '10.10.0.0/29: missing, but 2 of its addresses are in use: 10.10.0.0 of default/node1-cni-c1-eth0, 10.10.0.3 of default/node1-cni-c2-eth0';

async function repaired(put: Put, before: (model: FakeStore) => void = () => {}) {
  const model = fakeStore(damaged({ put }));
  const { findings } = await inspectModel(model, NOW);
  before(model);
  const { means, options } = menderOf(model, NOW);
  const verdicts = await repair(means, findings.filter(isFault), options);
  return { model, said: linesOf(findings), ends: verdicts.map(({ finding, end }) => `${end} ${finding.kind}`).sort() };
}

const rebuilt = (model: FakeStore, text = A) => decodeBlock(cidr(text), model.dump()[block(text)] ?? '', block(text));

describe('a missing block of running pods', () => {
  test('is a fault, and is rebuilt from its pods’ addresses', async () => {
    const { model, said, ends } = await repaired(LOST);
    expect(said).toEqual([`lost-block ${SAID}`]);
    expect(ends).toEqual(['mended lost-block']);
    const dump = model.dump();
    expect(violations(dump)).toEqual([]);
    expect((await inspectModel(model, NOW)).findings).toEqual([]);
    const secondary = { node: 'node1', timestamp: '2026-11-21 09:31:21 +0000 UTC' };
    const { sequenceNumber, ...others } = rebuilt(model);
    expect(others).toMatchObject({
      affinity: 'host:node1',
      allocations: [0, null, null, 1, null, null, null, null],
      unallocated: [1, 2, 4, 5, 6, 7],
      attributes: [
        { handle_id: 'net1.c1', secondary },
        { handle_id: 'net1.c2', secondary },
      ],
      sequenceNumberForAllocation: { 0: NOW, 3: NOW + 1n },
    });
    expect(sequenceNumber).toBe(NOW + 2n);
    expect(dump[handle('net1.c1')]).toBe(damaged({ put: {} })[handle('net1.c1')]);
    expect(dump[claimOn('node1', A)]).toBe(damaged({ put: {} })[claimOn('node1', A)]);
  });

  test('is rebuilt with pods of Kubernetes, tunnels and further families', async () => {
    const name = 'node1-k8s-web-eth0';
    const spec = {
      orchestrator: 'k8s',
      node: 'node1',
      pod: 'web',
      containerID: 'c3',
      ipNetworks: ['10.10.0.4/32'],
      profiles: ['kns.prod'],
    };
    const pod = JSON.stringify({ kind: 'WorkloadEndpoint', metadata: { name, namespace: 'prod' }, spec });
    const tunnelled = { kind: 'Node', metadata: { name: 'node1' }, spec: { bgp: { ipv4IPIPTunnelAddr: '10.10.0.6' } } };
    const { model, ends } = await repaired({
      ...LOST,
      [`/calico/resources/v3/projectcalico.org/workloadendpoints/prod/${name}`]: pod,
      ...counts('k8s-pod-network.c3', { [A]: 1 }),
      ...counts('ipip-tunnel-addr-node1', { [A]: 1 }),
      [nodeKeyOf('node1')]: JSON.stringify(tunnelled),
    });
    expect(ends).toEqual(['mended lost-block']);
    expect(violations(model.dump())).toEqual([]);
    expect((await inspectModel(model, NOW)).findings).toEqual([]);
    const held = rebuilt(model).attributes?.map(({ handle_id, secondary }) => [handle_id, secondary]);
    const timestamp = '2026-11-21 09:31:21 +0000 UTC';
    expect(held).toContainEqual(['k8s-pod-network.c3', { namespace: 'prod', node: 'node1', pod: 'web', timestamp }]);
    expect(held).toContainEqual(['ipip-tunnel-addr-node1', { node: 'node1', type: 'ipipTunnelAddress' }]);
  });

  test('is rebuilt even without its handles, if it has an affinity', async () => {
    const { model, said, ends } = await repaired({
      ...LOST,
      [handle('net1.c1')]: undefined,
      [handle('net1.c2')]: undefined,
    });
    expect(said).toEqual([`lost-block ${SAID}`]);
    expect(ends).toEqual(['mended lost-block']);
    expect(violations(model.dump())).toEqual([]);
    expect(model.dump()[handle('net1.c2')]).toBe('{"block":{"10.10.0.0/29":1},"deleted":false}');
  });

  test('is rebuilt even without its affinity, for the node of its pods', async () => {
    const { model, ends } = await repaired({ ...LOST, [claimOn('node1', A)]: undefined });
    expect(ends).toEqual(['mended lost-block']);
    expect(rebuilt(model).affinity).toBe('host:node1');
    expect(violations(model.dump())).toEqual([]);
  });

  test('gets no owner if its affinity is missing and pods of several nodes use it', async () => {
    const two = endpoint('node2', 'c2', 'net1', '10.10.0.3');
    const [first = ''] = Object.keys(endpoint('node1', 'c2', 'net1', '10.10.0.3'));
    const { model, ends } = await repaired({ ...LOST, [first]: undefined, ...two, [claimOn('node1', A)]: undefined });
    expect(ends).toEqual(['mended lost-block']);
    expect(rebuilt(model)).toMatchObject({ affinity: null });
    expect(rebuilt(model).affinity_claim_time).toBeUndefined();
    expect(violations(model.dump())).toEqual([]);
  });

  test('is rebuilt without handles of pods that are gone, which are deleted; others stay', async () => {
    const { model, ends } = await repaired({ ...LOST, ...counts('net1.c9', { [A]: 1 }) });
    expect(ends).toEqual(['mended handle-leaked', 'mended lost-block']);
    const handles = Object.keys(model.dump()).filter((key) => key.includes('/handle/'));
    expect(handles).toEqual([handle('net1.c1'), handle('net1.c2')]);
    expect(violations(model.dump())).toEqual([]);
  });

  test('is rebuilt without other nodes’ affinities, which are deleted', async () => {
    const { model, ends } = await repaired({ ...LOST, ...claim('node2', A, 'pending') });
    expect(ends).toEqual(['mended blockless', 'mended lost-block']);
    expect(rebuilt(model).affinity).toBe('host:node1');
    expect(violations(model.dump())).toEqual([]);
  });

  test('a handle that never has an endpoint stays', async () => {
    const { model, said, ends } = await repaired({ ...LOST, ...counts('lb-abc', { [A]: 1 }) });
    expect(said).toContain('handle-stranded lb-abc: counts 1 in 10.10.0.0/29, which holds none');
    expect(ends).toEqual(['left handle-stranded', 'mended lost-block']);
    expect(model.dump()).toHaveProperty([handle('lb-abc')]);
  });

  test.each<readonly [string, (model: FakeStore) => void]>([
    [
      'the block has come back',
      (model) => model.put(block(A), blockOf(A, 'host:node1', { 0: container('c1') })[block(A)] ?? ''),
    ],
    ['a pod has gone', (model) => model.put(Object.keys(endpoint('node1', 'c2', 'net1', ''))[0] ?? '', '{"spec":{}}')],
    ['a handle has changed', (model) => model.put(handle('net1.c2'), '{"block":{},"deleted":false}')],
  ])('is left alone when %s in the meantime', async (_, change) => {
    let before = {};
    const { model, ends } = await repaired(LOST, (changing) => {
      change(changing);
      before = changing.dump();
    });
    expect(ends).toEqual(['left lost-block']);
    expect(model.dump()).toEqual(before);
  });

  test('is also repaired from a report', async () => {
    const model = fakeStore(damaged({ put: LOST }));
    const report = parseReport('r', reportText(await inspectModel(model, NOW)));
    expect(report.leakedHandles).toEqual([]);
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, report.findings.filter(isFault), options);
    expect(verdicts.map(({ end }) => end)).toEqual(['mended']);
    expect(violations(model.dump())).toEqual([]);
  });

  test('is not assumed for addresses of another IPAM plugin', async () => {
    const put = endpoint('node1', 'c2', 'net1', '10.10.0.200');
    expect(linesOf((await inspectModel(fakeStore(damaged({ put })), NOW)).findings)).toEqual([
      'no-block 10.10.0.200: endpoint default/node1-cni-c2-eth0, in pool pool',
    ]);
  });
});

test('a handle whose endpoint exists is never deleted, although its block has the address as free', async () => {
  const put = {
    ...blockOf(B, 'host:node1', {}),
    ...claim('node1', B),
    ...counts('net1.c2', { [B]: 1 }),
    ...endpoint('node1', 'c2', 'net1', '10.10.0.8'),
  };
  const { model, said, ends } = await repaired(put);
  expect(said).toEqual([
    'handle-stranded net1.c2: counts 1 in 10.10.0.8/29, which holds none',
    'not-allocated 10.10.0.8: endpoint default/node1-cni-c2-eth0, but block 10.10.0.8/29 has it as free',
  ]);
  expect(ends).toEqual(['left handle-stranded', 'left not-allocated']);
  expect(model.dump()).toHaveProperty([handle('net1.c2')]);
});
