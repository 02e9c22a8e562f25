import { describe, expect, test } from 'vitest';
import { type Finding, isFault } from '../../../ctl/check/finding.ts';
import { repair } from '../../../ctl/repair/repair.ts';
import { inspectModel, menderOf } from '../../support/calicoctl/check-model.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { node } from '../../support/stored/cluster.ts';
import { A, B, blockOf, claim, container, counts, damaged, HEALTHY } from '../../support/stored/ipam-healthy.ts';
import { at, block, handle } from '../../support/stored/ipam-world.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const NOW = at(3600);
const LEAK = {
  put: { ...blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c2') }), ...counts('net1.c2', { [A]: 1 }) },
};

const put = (model: FakeStore, keys: Readonly<Record<string, string>>) => {
  for (const [key, value] of Object.entries(keys)) model.put(key, value);
};

/** What a repair reports about findings that `meanwhile` has made outdated, and the model before and after. */
async function late(model: FakeStore, meanwhile: () => void) {
  const faults: readonly Finding[] = (await inspectModel(model, NOW)).findings.filter(isFault);
  meanwhile();
  const before = model.dump();
  const { means, options } = menderOf(model, NOW);
  const verdicts = await repair(means, faults, options);
  return { said: verdicts.map(({ end, why }) => `${end}: ${why}`), before, after: model.dump() };
}

describe('a repair does not touch what has changed since the check:', () => {
  test('a leaked address that was allocated again', async () => {
    const model = fakeStore(damaged(LEAK));
    const anew = blockOf(
      A,
      'host:node1',
      { 0: container('c1'), 1: container('c2') },
      { sequenceNumberForAllocation: { 0: 1n, 1: 2n } },
    );
    const { said, before, after } = await late(model, () => put(model, anew));
    expect(said).toEqual(['left: the address has been allocated again']);
    expect(after).toEqual(before);
  });

  test('a leaked address that now belongs to another handle', async () => {
    const model = fakeStore(damaged(LEAK));
    const other = blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c3') });
    const { said, before, after } = await late(model, () => put(model, other));
    expect(said).toEqual(['left: it now belongs to net1.c3']);
    expect(after).toEqual(before);
  });

  test('a leaked address whose endpoint has appeared', async () => {
    const model = fakeStore(damaged(LEAK));
    const { said, before, after } = await late(model, () => put(model, endpoint('node1', 'c2', 'net1', '10.10.0.1')));
    expect(said).toEqual(['left: endpoint default/node1-cni-c2-eth0 has appeared since']);
    expect(after).toEqual(before);
  });

  test('any leaked address while an endpoint cannot be read', async () => {
    const model = fakeStore(damaged(LEAK));
    const key = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/odd';
    const { said, before, after } = await late(model, () => put(model, { [key]: '{' }));
    expect(said).toEqual([`left: an endpoint that may use it cannot be read: ${key}: its addresses may look unused`]);
    expect(after).toEqual(before);
  });

  test('a handle that another process is incrementing', async () => {
    const model = fakeStore(damaged({ put: counts('net1.c2', { [A]: 1 }) }));
    const { said, before, after } = await late(model, () => put(model, counts('net1.c2', { [A]: 2 })));
    expect(said).toEqual([`left: ${handle('net1.c2')} has changed since the check: check again`]);
    expect(after).toEqual(before);
  });

  test('an affinity that another process is creating', async () => {
    const model = fakeStore(damaged({ put: claim('node1', B, 'pending') }));
    const { said, before, after } = await late(model, () => put(model, claim('node1', B, 'pending')));
    expect(said[0]).toMatch(/^left: .* has changed since the check: check again$/);
    expect(after).toEqual(before);
  });

  test('an affinity of a block that another process is creating', async () => {
    const model = fakeStore(damaged({ put: { ...blockOf(B, 'host:node1', {}), ...claim('node1', B, 'pending') } }));
    const { said, before, after } = await late(model, () => put(model, claim('node1', B, 'pending')));
    expect(said[0]).toMatch(/^left: .* has changed since the check: check again$/);
    expect(after).toEqual(before);
  });

  test('the block of a node without Node resource that has pods', async () => {
    const here = { ...blockOf(B, 'host:lost', { 0: container('c3', 'lost') }), ...claim('lost', B) };
    const pod = { ...counts('net1.c3', { [B]: 1 }), ...endpoint('lost', 'c3', 'net1', '10.10.0.8') };
    const { said, before, after } = await late(fakeStore(damaged({ put: { ...here, ...pod } })), () => {});
    expect(said).toEqual([
      expect.stringMatching(/^left: once nothing runs under that name, calicoctl delete node NAME removes them/),
      'left: 1 of its addresses are in use on lost: once nothing runs there, calicoctl delete node lost releases them',
    ]);
    expect(after).toEqual(before);
  });

  test('the block of a node that is back', async () => {
    const model = fakeStore(damaged({ put: { ...blockOf(B, 'host:lost', {}), ...claim('lost', B) } }));
    const { said, before, after } = await late(model, () => put(model, node('lost', '10.0.0.9/24')));
    expect(said).toEqual(['gone: already gone']);
    expect(after).toEqual(before);
  });

  test('an empty block in which an address was assigned', async () => {
    const model = fakeStore(damaged({ put: blockOf(B, null, {}) }));
    const { said, before, after } = await late(model, () => put(model, blockOf(B, null, { 0: container('c1') })));
    expect(said).toEqual(['gone: already gone']);
    expect(after).toEqual(before);
  });

  test('a block that an ADD writes between reading and repairing it: decided again on the new value', async () => {
    const model = fakeStore(damaged(LEAK));
    const faults = (await inspectModel(model, NOW)).findings.filter(isFault);
    const { means, options } = menderOf(model, NOW);
    let first = true;
    const commit: typeof means.store.commit = async (compares, writes, deadline) => {
      if (first) put(model, blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c2'), 2: container('c3') }));
      first = false;
      return means.store.commit(compares, writes, deadline);
    };
    const verdicts = await repair({ ...means, store: { ...means.store, commit } }, faults, options);
    expect(verdicts.map(({ end }) => end)).toEqual(['mended']);
    const text = model.dump()[block(A)] ?? '';
    expect(text).toContain('"allocations":[0,null,1,');
    expect(text).toContain('net1.c3');
    expect(text).not.toContain('net1.c2');
  });
});

test('an affinity is confirmed together with a new version of its block, so that a release in progress fails', async () => {
  const model = fakeStore(damaged({ put: claim('node1', A, 'pendingDeletion') }));
  const { said, before, after } = await late(model, () => {});
  expect(said).toEqual(['mended: ']);
  const number = (dump: Readonly<Record<string, string>>) => /"sequenceNumber":(\d+)/.exec(dump[block(A)] ?? '')?.[1];
  expect(BigInt(number(after) ?? 0)).toBe(BigInt(number(before) ?? 0) + 1n);
});

test('a repair of nothing writes nothing', async () => {
  const model = fakeStore(HEALTHY);
  const { said, before, after } = await late(model, () => {});
  expect(said).toEqual([]);
  expect(after).toEqual(before);
});
