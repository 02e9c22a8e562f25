import { describe, expect, test } from 'vitest';
import { isFault } from '../../../ctl/check/finding.ts';
import { inspectModel, linesOf } from '../../support/calicoctl/check-model.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import {
  A,
  B,
  blockOf,
  claim,
  container,
  counts,
  damaged,
  type IpamDamage,
  UNUSUAL,
} from '../../support/stored/ipam-healthy.ts';
import { at, CONFIG, pool, poolKey } from '../../support/stored/ipam-world.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const NOW = at(3600);

const doubtful = { ...blockOf(B, 'host:node2', { 0: { handle_id: 'other.m1', secondary: { node: 'node2' } } }) };

/** Worth knowing, but not damage. */
const NOTES: readonly IpamDamage[] = [
  {
    name: 'a borrowed address',
    put: {
      ...blockOf(B, 'host:node2', { 0: container('c2') }),
      ...claim('node2', B),
      ...counts('net1.c2', { [B]: 1 }),
      ...endpoint('node1', 'c2', 'net1', '10.10.0.8'),
    },
    says: ['borrowed 10.10.0.8: used on node1, block 10.10.0.8/29 belongs to host:node2'],
  },
  {
    name: 'an address of a network without any endpoint',
    put: { ...doubtful, ...claim('node2', B), ...counts('other.m1', { [B]: 1 }) },
    says: ['unexplained 10.10.0.8: handle other.m1, on node2'],
  },
  {
    name: 'an address whose ADD may still be running',
    put: {
      ...blockOf(A, 'host:node1', {
        0: container('c1'),
        1: { handle_id: 'net1.c2', secondary: { node: 'node1', timestamp: '2026-11-21 09:31:00.5 +0000 UTC' } },
      }),
      ...counts('net1.c2', { [A]: 1 }),
    },
    says: ['young 10.10.0.1: handle net1.c2, on node1'],
  },
  {
    name: 'an endpoint of another IPAM plugin',
    put: endpoint('node1', 'c2', 'net1', '10.10.0.200'),
    says: ['no-block 10.10.0.200: endpoint default/node1-cni-c2-eth0, in pool pool'],
  },
  {
    name: 'more blocks than the limit',
    put: { [CONFIG]: '{"maxBlocksPerHost":1}', ...blockOf(B, 'host:node1', {}), ...claim('node1', B) },
    says: ['over-limit node1 (IPv4): 2 blocks, the limit is 1'],
  },
  {
    name: 'a block that outlives its pool',
    put: { [poolKey('pool')]: undefined },
    says: ['orphaned 10.10.0.0/29: 1 addresses in use'],
  },
  {
    name: 'equal attributes',
    put: {
      ...blockOf(A, 'host:node1', { 0: container('c1'), 1: { secondary: { a: 'b' } }, 2: { secondary: { a: 'b' } } }),
    },
    says: ['alike 10.10.0.0/29: identical attributes that could be merged'],
  },
];

/** An endpoint as it is on the Kubernetes datastore, where the kubelet may report other addresses than the plugin gave it. */
function late(containerID: string, given: readonly string[], reported: readonly string[]) {
  const [key = '', value = ''] = Object.entries(endpoint('node1', containerID, 'net1', '10.10.0.1')).flat();
  const stored = JSON.parse(value);
  return {
    [key]: JSON.stringify({ ...stored, spec: { ...stored.spec, ipNetworks: given, reportedNetworks: reported } }),
  };
}

describe('a check notes that a kubelet reports other addresses than the plugin gave, and', () => {
  const TITLE = 'late-status default/node1-cni-c2-eth0: the kubelet reports';
  const fresh = { ...container('c2') };
  const both = { 0: container('c1'), 1: fresh };

  test('does not take a free one for one in use', async () => {
    const put = {
      ...blockOf(A, 'host:node1', both),
      ...counts('net1.c2', { [A]: 1 }),
      ...late('c2', ['10.10.0.1'], ['10.10.0.5']),
    };
    expect(linesOf((await inspectModel(fakeStore(damaged({ put })), NOW)).findings)).toEqual([
      `${TITLE} 10.10.0.5, the plugin has given it 10.10.0.1`,
    ]);
  });

  test('does not take one that another has for one used twice', async () => {
    const put = {
      ...blockOf(A, 'host:node1', both),
      ...counts('net1.c2', { [A]: 1 }),
      ...late('c2', ['10.10.0.1'], ['10.10.0.0']),
    };
    expect(linesOf((await inspectModel(fakeStore(damaged({ put })), NOW)).findings)).toEqual([
      `${TITLE} 10.10.0.0, the plugin has given it 10.10.0.1`,
    ]);
  });

  test('does not call one leaked that an earlier sandbox still holds', async () => {
    const put = {
      ...blockOf(A, 'host:node1', { ...both, 2: { handle_id: 'net1.c0', secondary: { node: 'node1' } } }),
      ...counts('net1.c2', { [A]: 1 }),
      ...counts('net1.c0', { [A]: 1 }),
      ...late('c2', ['10.10.0.1'], ['10.10.0.2']),
    };
    const { findings } = await inspectModel(fakeStore(damaged({ put })), NOW, 0);
    expect(linesOf(findings)).toEqual([
      'late-status 10.10.0.2: handle net1.c0, on node1; only the kubelet reports it, for endpoint default/node1-cni-c2-eth0',
      `${TITLE} 10.10.0.2, the plugin has given it 10.10.0.1`,
    ]);
    expect(findings.filter(isFault)).toEqual([]);
  });
});

describe('a check notes', () => {
  test.each(NOTES)('$name', async (damage) => {
    const { findings } = await inspectModel(fakeStore(damaged(damage)), NOW);
    expect(linesOf(findings)).toEqual([...damage.says].sort());
    expect(findings.filter(isFault)).toEqual([]);
  });

  test('what is wrong in IPv6, by the same rules', async () => {
    const six = 'fd00:10::8/125';
    const put = {
      ...pool('six', { cidr: 'fd00:10::/64', blockSize: 125 }),
      ...blockOf(six, 'host:node1', { 0: container('c1'), 1: container('c2'), 2: container('c3') }),
      ...counts('net1.c2', { [six]: 2 }),
      ...endpoint('node1', 'c2', 'net1', 'fd00:10:0:0:0:0:0:9'),
      ...endpoint('node2', 'c4', 'net1', 'fd00:10::9'),
      ...endpoint('node2', 'c5', 'net1', 'fd00:10::f'),
    };
    expect(linesOf((await inspectModel(fakeStore(damaged({ put })), NOW)).findings)).toEqual([
      'duplicate fd00:10::9: endpoints default/node1-cni-c2-eth0 and default/node2-cni-c4-eth0',
      'handle-miscounted net1.c1: counts 0 in fd00:10::8/125, which holds 1',
      'handle-miscounted net1.c2: counts 2 in fd00:10::8/125, which holds 1',
      'handle-missing net1.c3: the handle does not exist; it should hold 1 in fd00:10::8/125',
      'leaked fd00:10::a: handle net1.c3, on node1',
      'not-allocated fd00:10::f: endpoint default/node2-cni-c5-eth0, but block fd00:10::8/125 has it as free',
      'surplus fd00:10::8: handle net1.c1, on node1; endpoint default/node1-cni-c1-eth0 does not list it',
      'unclaimed fd00:10::8/125: belongs to host:node1, which has no affinity for it',
    ]);
  });

  test('nothing about a virtual machine that is on two nodes while it migrates', async () => {
    const moving = endpoint('node1', 'v1', 'net1', '10.10.0.2');
    const model = fakeStore({ ...UNUSUAL, ...moving, ...endpoint('node2', 'v2', 'net1', '10.10.0.2') });
    expect(linesOf((await inspectModel(model, NOW)).findings)).toEqual([]);
  });
});
