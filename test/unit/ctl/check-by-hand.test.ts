import { describe, expect, test } from 'vitest';
import { isFault, meaningOf } from '../../../ctl/check/finding.ts';
import { parseReport, reportText } from '../../../ctl/check/report.ts';
import { repair } from '../../../ctl/repair/repair.ts';
import { inspectModel, linesOf, menderOf } from '../../support/calicoctl/check-model.ts';
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
} from '../../support/stored/ipam-healthy.ts';
import { at, block, CONFIG, handle, poolKey } from '../../support/stored/ipam-world.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const NOW = at(3600);
const ENDPOINT = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/node1-cni-c1-eth0';
const RESERVATION = '/calico/resources/v3/projectcalico.org/ipreservations/odd';

/** Damage that only an operator can mend. */
const BY_HAND: readonly IpamDamage[] = [
  {
    name: 'a block that is not JSON, and not its handles',
    put: { [block(A)]: '{"cidr":' },
    says: [
      'unreadable /calico/ipam/v2/assignment/ipv4/block/10.10.0.0-29: unexpected end of JSON input at line 1, column 9',
    ],
  },
  {
    name: "a block whose CIDR is not its key's",
    put: { [block(B)]: blockOf(A, 'host:node1', {})[block(A)] },
    says: ["unreadable /calico/ipam/v2/assignment/ipv4/block/10.10.0.8-29: field cidr does not match the block's name"],
  },
  {
    name: 'a block with too few allocations',
    put: { ...blockOf(B, 'host:node2', {}, { allocations: [null] }), ...claim('node2', B) },
    says: ['unreadable /calico/ipam/v2/assignment/ipv4/block/10.10.0.8-29: field allocations has 1 of 8 entries'],
  },
  {
    name: 'a key that is not a block',
    put: { [block('10.10.0.9/29')]: '{}' },
    says: ['unreadable /calico/ipam/v2/assignment/ipv4/block/10.10.0.9-29: not a valid block key, skipped'],
  },
  {
    name: 'a block whose owner is of an unknown kind',
    put: blockOf(B, 'rack:7', { 0: { secondary: { note: 'by hand' } } }),
    says: ['unreadable 10.10.0.8/29: belongs to rack:7, which is not an owner type that Calico knows'],
  },
  {
    name: 'a pool that cannot be read',
    put: { [poolKey('odd')]: '{"spec":{"cidr":7}}' },
    says: [
      `unreadable IP pool odd is not used: json: cannot unmarshal number into Go struct field IPPool.spec.cidr of type string (${poolKey('odd')})`,
    ],
  },
  {
    name: 'a reservation that cannot be read',
    put: { [RESERVATION]: '{"spec":{"reservedCIDRs":["10.0.0.0/33"]}}' },
    says: [
      `unreadable IP reservation odd is only partly used: IPReservation.spec.reservedCIDRs: "10.0.0.0/33" is not a network (${RESERVATION})`,
    ],
  },
  {
    name: 'settings that cannot be read',
    put: { [CONFIG]: '[]' },
    says: [
      `unreadable ${CONFIG}: every ADD fails: failed to parse datastore entry key=${CONFIG}; value=[]: json: cannot unmarshal array into Go value of type object`,
    ],
  },
  {
    name: 'blocks that overlap, one of another size',
    put: {
      ...blockOf('10.10.0.0/29', 'host:node1', { 0: container('c1') }),
      ...wide(),
      ...claim('node2', '10.10.0.0/28'),
    },
    says: ['overlap 10.10.0.0/29 lies in 10.10.0.0/28', 'wrong-size 10.10.0.0/28: blocks of pool pool are /29'],
  },
  {
    name: 'one address in two endpoints',
    put: endpoint('node2', 'c2', 'net1', '10.10.0.0'),
    says: ['duplicate 10.10.0.0: endpoints default/node1-cni-c1-eth0 and default/node2-cni-c2-eth0'],
  },
  {
    name: "an endpoint with another container's address",
    put: {
      ...blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c2') }),
      ...counts('net1.c2', { [A]: 1 }),
      ...endpoint('node2', 'c2', 'net1', '10.10.0.0'),
      [ENDPOINT]: endpoint('node1', 'c1', 'net1', '10.10.0.1')[ENDPOINT],
    },
    says: [
      'duplicate 10.10.0.0: listed by endpoint default/node2-cni-c2-eth0, but IPAM has it for default/node1-cni-c1-eth0 (handle net1.c1)',
      'duplicate 10.10.0.1: listed by endpoint default/node1-cni-c1-eth0, but IPAM has it for default/node2-cni-c2-eth0 (handle net1.c2)',
    ],
  },
  {
    name: 'an endpoint under the old name of a renamed node, but not its pod',
    put: endpoint('old', 'c1', 'net1', '10.10.0.0'),
    says: [
      "left-behind default/old-cni-c1-eth0: on node old, which has no Node resource; 10.10.0.0 is default/node1-cni-c1-eth0's",
    ],
  },
  {
    name: 'an endpoint of a node that is gone',
    put: {
      ...blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c2', 'old') }),
      ...counts('net1.c2', { [A]: 1 }),
      ...endpoint('old', 'c2', 'net1', '10.10.0.1'),
    },
    says: [
      'borrowed 10.10.0.1: used on old, block 10.10.0.0/29 belongs to host:node1',
      'left-behind default/old-cni-c2-eth0: on node old, which has no Node resource',
    ],
  },
  {
    name: 'an endpoint of a node that is gone, whose address now belongs to another container',
    put: {
      ...blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c2') }),
      ...counts('net1.c2', { [A]: 1 }),
      ...endpoint('node1', 'c2', 'net1', '10.10.0.1'),
      ...endpoint('old', 'c3', 'net1', '10.10.0.1'),
    },
    says: [
      "left-behind default/old-cni-c3-eth0: on node old, which has no Node resource; 10.10.0.1 is default/node1-cni-c2-eth0's",
    ],
  },
  {
    name: 'two endpoints of one container',
    put: endpoint('node2', 'c1', 'net1', '10.10.0.0'),
    says: [
      'twin 10.10.0.0: endpoints default/node1-cni-c1-eth0 and default/node2-cni-c1-eth0 belong to the same container, c1',
    ],
  },
  {
    name: 'an address in use that its block has as free',
    put: endpoint('node1', 'c2', 'net1', '10.10.0.3'),
    says: ['not-allocated 10.10.0.3: endpoint default/node1-cni-c2-eth0, but block 10.10.0.0/29 has it as free'],
  },
];

function wide() {
  const ordinals = Array.from({ length: 16 }, (_, ordinal) => ordinal);
  return blockOf('10.10.0.0/28', 'host:node2', {}, { allocations: ordinals.map(() => null), unallocated: ordinals });
}

describe('a check reports, and a repair leaves,', () => {
  test.each(BY_HAND)('$name', async (damage) => {
    const model = fakeStore(damaged(damage));
    const { findings } = await inspectModel(model, NOW);
    expect(linesOf(findings)).toEqual([...damage.says].sort());
    const before = model.dump();
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, findings.filter(isFault), options);
    expect(verdicts.map(({ end }) => end)).toEqual(findings.filter(isFault).map(() => 'left'));
    expect(model.dump()).toEqual(before);
  });
});

describe('a key among objects of a kind under a name that Calico never gives', () => {
  const AFFINITY = '/calico/ipam/v2/host/node1/ipv4/block/10.10.0.9-29';
  const odd = async (put: Readonly<Record<string, string>>) => {
    const model = fakeStore(damaged({ put }));
    const { findings } = await inspectModel(model, NOW);
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, findings.filter(isFault), options);
    return { said: linesOf(findings), ends: verdicts.map(({ end }) => end), model };
  };

  test('is ignored among affinities', async () => {
    const { said, model } = await odd({ [AFFINITY]: '{"state":"confirmed"}' });
    expect(said).toEqual([]);
    expect(model.dump()).toHaveProperty([AFFINITY]);
  });

  test('is deleted among handles', async () => {
    const { said, ends, model } = await odd({ [handle('')]: '{"block":{},"deleted":false}' });
    expect(said).toEqual(['handle-leaked : lists no block']);
    expect(ends).toEqual(['mended']);
    expect(model.dump()).toEqual(damaged({ put: {} }));
  });

  test('still uses its addresses among endpoints, also in a block that is rebuilt', async () => {
    const key = `${ENDPOINT}/odd`;
    const [value = ''] = Object.values(endpoint('node1', 'c2', 'net1', '10.10.0.3'));
    const { said, ends, model } = await odd({ ...counts('net1.c2', { [A]: 1 }), [key]: value, [block(A)]: '' });
    expect(said).toEqual([expect.stringContaining('unreadable')]);
    expect(ends).toEqual(['left']);
    model.remove(block(A));
    const { findings } = await inspectModel(model, NOW);
    expect(linesOf(findings)).toEqual([expect.stringContaining(`10.10.0.3 of ${key}`)]);
    const { means, options } = menderOf(model, NOW);
    const report = parseReport('r', reportText(await inspectModel(model, NOW)));
    expect((await repair(means, report.findings, options)).map(({ end }) => end)).toEqual(['mended']);
    expect(model.dump()[block(A)]).toContain('"allocations":[0,null,null,1,');
  });
});

test('the advice after renaming a node is to delete the old node, not to touch pods', async () => {
  const renamed = damaged({ put: endpoint('old', 'c1', 'net1', '10.10.0.0') });
  const { findings } = await inspectModel(fakeStore(renamed), NOW);
  const [advice] = findings.map(({ kind }) => meaningOf(kind).advice);
  expect(advice).toContain('calicoctl delete node');
  expect(advice).not.toMatch(/restart|ip link del/);
});
