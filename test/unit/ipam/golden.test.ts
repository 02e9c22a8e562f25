import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { goTimestamp } from '../../../shared/calico/go-time.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { block, claimOn, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

/** What the original stored and printed in the recorded scenarios, replayed against the allocator. */

const NODES = { ...node('node1', { rack: 'a' }), ...node('node2', { rack: 'b' }) };

async function add(model: FakeStore, name: string, container: string, now: bigint, more: Partial<AssignRequest> = {}) {
  const attributes = { node: name, timestamp: goTimestamp(now) };
  return (await carryOut(model, () => assign(request(name, container, { now, attributes, ...more })))).addresses[0];
}

const del = async (model: FakeStore, name: string, container: string) =>
  (await carryOut(model, () => releaseHandles({ handleIDs: [`net1.${container}`, container], node: name, now: 0n })))
    .released;

const list = (count: number, item: (index: number) => unknown) =>
  JSON.stringify(Array.from({ length: count }, (_, index) => item(index)));

test('static-ip: stored byte for byte like the original', async () => {
  const model = fakeStore({
    ...NODES,
    ...pool('default-ipv4-ippool', { cidr: '192.168.0.0/16', blockSize: 26, nodeSelector: 'all()' }),
  });
  const now = 1795249881879819597n;
  const fixed = { fixed: ['192.168.7.9'] };
  expect(await add(model, 'node1', '0123456789abcdef0123', now, fixed)).toMatchObject({
    address: '192.168.7.9',
    block: '192.168.7.0/26',
  });
  const free = Array.from({ length: 64 }, (_, ordinal) => ordinal).filter((ordinal) => ordinal !== 9);
  const attribute =
    '{"handle_id":"net1.0123456789abcdef0123","secondary":{"node":"node1","timestamp":"2026-11-21 08:31:21.879819597 +0000 UTC"}}';
  expect(model.get(block('192.168.7.0/26'))?.value).toBe(
    `{"cidr":"192.168.7.0/26","affinity":"host:node1","affinity_claim_time":"2026-11-21T08:31:21Z","allocations":${list(64, (ordinal) => (ordinal === 9 ? 0 : null))},` +
      `"unallocated":${JSON.stringify(free)},"attributes":[${attribute}],"sequenceNumber":${now + 1n},"sequenceNumberForAllocation":{"9":${now}},"deleted":false}`,
  );
  expect(model.get(handle('net1.0123456789abcdef0123'))?.value).toBe('{"block":{"192.168.7.0/26":1},"deleted":false}');
  expect(model.get(claimOn('node1', '192.168.7.0/26'))?.value).toBe('{"state":"confirmed","deleted":false}');
  await expect(add(model, 'node1', 'ffff00000000', now + 1n, fixed)).rejects.toThrow(
    expect.objectContaining({
      message: 'resource already exists: 192.168.7.9 with error: Address already assigned in block',
    }),
  );
  await expect(add(model, 'node1', 'eeee00000000', now + 2n, { fixed: ['10.9.9.9'] })).rejects.toThrow(
    expect.objectContaining({ message: 'The provided IP address is not in a configured pool\n' }),
  );
  expect(await del(model, 'node1', '0123456789abcdef0123')).toEqual(['192.168.7.9']);
  expect(model.get(block('192.168.7.0/26'))?.value).toBe(
    `{"cidr":"192.168.7.0/26","affinity":"host:node1","affinity_claim_time":"2026-11-21T08:31:21Z","allocations":${list(64, () => null)},` +
      `"unallocated":${JSON.stringify([...free, 9])},"attributes":[],"sequenceNumber":${now + 2n},"sequenceNumberForAllocation":{},"deleted":false}`,
  );
  expect(model.get(handle('net1.0123456789abcdef0123'))).toBeUndefined();
});

test('exhaustion: four addresses of two blocks, then the original’s message', async () => {
  const model = fakeStore({ ...NODES, ...pool('tiny', { cidr: '10.70.0.0/30', blockSize: 31 }) });
  const given = [];
  for (const [index, container] of ['e000', 'e001', 'e002', 'e003'].entries())
    given.push(await add(model, 'node1', container, BigInt(index) + 1n));
  expect(given.map((each) => each?.address).sort()).toEqual(['10.70.0.0', '10.70.0.1', '10.70.0.2', '10.70.0.3']);
  expect(given.map((each) => each?.block).sort()).toEqual([
    '10.70.0.0/31',
    '10.70.0.0/31',
    '10.70.0.2/31',
    '10.70.0.2/31',
  ]);
  await expect(add(model, 'node1', 'e004', 5n)).rejects.toThrow(
    expect.objectContaining({
      kind: 'refused',
      message:
        'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.70.0.0/30]',
    }),
  );
});

test('borrow: one block for two nodes, stored and released byte for byte like the original', async () => {
  const model = fakeStore({ ...NODES, ...pool('one', { cidr: '10.71.0.0/30', blockSize: 30 }) });
  const [first, second] = [1795249884201093016n, 1795249884325926452n];
  const start = '{"cidr":"10.71.0.0/30","affinity":"host:node1","affinity_claim_time":"2026-11-21T08:31:24Z",';
  const one =
    '{"handle_id":"net1.0123456789abcdef0123","secondary":{"node":"node1","timestamp":"2026-11-21 08:31:24.201093016 +0000 UTC"}}';
  const two =
    '{"handle_id":"net1.bbbb00000000","secondary":{"node":"node2","timestamp":"2026-11-21 08:31:24.325926452 +0000 UTC"}}';
  const stored = () => model.get(block('10.71.0.0/30'))?.value;
  expect((await add(model, 'node1', '0123456789abcdef0123', first))?.address).toBe('10.71.0.0');
  expect(stored()).toBe(
    `${start}"allocations":[0,null,null,null],"unallocated":[1,2,3],"attributes":[${one}],"sequenceNumber":${first + 1n},"sequenceNumberForAllocation":{"0":${first}},"deleted":false}`,
  );
  expect((await add(model, 'node2', 'bbbb00000000', second))?.address).toBe('10.71.0.1');
  expect(stored()).toBe(
    `${start}"allocations":[0,1,null,null],"unallocated":[2,3],"attributes":[${one},${two}],"sequenceNumber":${first + 2n},"sequenceNumberForAllocation":{"0":${first},"1":${first + 1n}},"deleted":false}`,
  );
  await del(model, 'node1', '0123456789abcdef0123');
  expect(stored()).toBe(
    `${start}"allocations":[null,0,null,null],"unallocated":[2,3,0],"attributes":[${two}],"sequenceNumber":${first + 3n},"sequenceNumberForAllocation":{"1":${first + 1n}},"deleted":false}`,
  );
  await del(model, 'node2', 'bbbb00000000');
  expect(stored()).toBe(
    `${start}"allocations":[null,null,null,null],"unallocated":[2,3,0,1],"attributes":[],"sequenceNumber":${first + 4n},"sequenceNumberForAllocation":{},"deleted":false}`,
  );
});

test('strict-affinity: the second node gets the original’s message', async () => {
  const config = { '/calico/ipam/v2/config': '{"strict_affinity":true,"auto_allocate_blocks":true}' };
  const model = fakeStore({ ...NODES, ...config, ...pool('one', { cidr: '10.71.0.0/30', blockSize: 30 }) });
  await add(model, 'node1', '0123456789abcdef0123', 1n);
  await expect(add(model, 'node2', 'bbbb00000000', 2n)).rejects.toThrow(
    expect.objectContaining({
      message:
        'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No more free affine blocks and strict affinity enabled',
    }),
  );
});

test('two-nodes: each claims its own block', () => {
  const model = fakeStore({ ...NODES, ...pool('default-ipv4-ippool', { cidr: '192.168.0.0/16', blockSize: 26 }) });
  const blocks = ['node1', 'node2'].map(
    async (name, index) => (await add(model, name, `c${index}`, BigInt(index)))?.block,
  );
  expect(new Set(blocks).size).toBe(2);
});

test('pool-node-selector: each node uses the pool that selects it', async () => {
  const a = pool('a', { cidr: '10.72.0.0/24', blockSize: 26, nodeSelector: "rack == 'a'" });
  const b = pool('b', { cidr: '10.73.0.0/24', blockSize: 26, nodeSelector: "rack == 'b'" });
  const model = fakeStore({ ...NODES, ...a, ...b });
  expect((await add(model, 'node1', 'c1', 1n))?.pool).toBe('a');
  expect((await add(model, 'node2', 'c2', 2n))?.pool).toBe('b');
});

test('re-add-same-container: the same address again', async () => {
  const model = fakeStore({ ...NODES, ...pool('default-ipv4-ippool', { cidr: '192.168.0.0/16', blockSize: 26 }) });
  const first = await add(model, 'node1', '0123456789abcdef0123', 1n);
  expect(await add(model, 'node1', '0123456789abcdef0123', 2n)).toEqual(first);
});
