import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { CONFIG, node, pool, poolKey, request, reservation } from '../../support/stored/ipam-world.ts';

type Seed = Readonly<Record<string, string>>;

const A = pool('a', { cidr: '10.1.0.0/24', blockSize: 26 });
const B = pool('b', { cidr: '10.2.0.0/24', blockSize: 26 });
const V6 = pool('six', { cidr: 'fd00:1::/112', blockSize: 122 });

/** Names of the pools that the addresses come from. */
async function poolsGiven(seed: Seed, more: Partial<AssignRequest> = {}, labels = {}): Promise<readonly string[]> {
  const model = fakeStore({ ...node('node1', labels), ...seed });
  return (await carryOut(model, () => assign(request('node1', 'c1', more)))).addresses.map((each) => each.pool);
}

const spec = (name: string, more: Readonly<Record<string, unknown>>) =>
  pool(name, { cidr: '10.9.0.0/24', blockSize: 26, ...more });

describe('pools', () => {
  test('on request are used in the order of the request, by name or by CIDR with host bits', async () => {
    expect(await poolsGiven({ ...A, ...B }, { pools4: ['b', 'a'] })).toEqual(['b']);
    expect(await poolsGiven({ ...A, ...B }, { pools4: ['10.2.0.77/24'] })).toEqual(['b']);
  });

  test('on request are used even if they are manual or select other nodes', async () => {
    const manual = spec('m', { assignmentMode: 'Manual', nodeSelector: "rack == 'x'", namespaceSelector: "a == 'b'" });
    expect(await poolsGiven({ ...A, ...manual }, { pools4: ['m'] })).toEqual(['m']);
  });

  test('without a request are used in name order, the first with room', async () => {
    expect(await poolsGiven({ ...B, ...A })).toEqual(['a']);
    expect(await poolsGiven({ ...B, ...A, ...reservation('r', '10.1.0.0/24') })).toEqual(['b']);
  });

  test.each([
    [{ nodeSelector: "rack == 'x'" }, { rack: 'x' }, true],
    [{ nodeSelector: "rack == 'x'" }, { rack: 'y' }, false],
    [{ nodeSelector: 'has(rack) && zone in {"1", "2"}' }, { rack: 'y', zone: '2' }, true],
    [{ nodeSelector: '!has(rack)' }, { rack: 'y' }, false],
    [{ nodeSelector: '' }, {}, true],
    [{ namespaceSelector: "team == 'red'" }, {}, true],
    [{ namespaceSelector: "team == 'blue'" }, {}, false],
    [{ assignmentMode: 'Manual' }, {}, false],
    [{ assignmentMode: 'Automatic' }, {}, true],
    [{ disabled: true }, {}, false],
    [{ allowedUses: ['Tunnel'] }, {}, false],
    [{ allowedUses: [] }, {}, true],
  ])('%j is chosen for a node with %j: %s', async (more, labels, chosen) => {
    const seed = { ...spec('0', more), ...A };
    expect(await poolsGiven(seed, { namespaceLabels: { team: 'red' } }, labels)).toEqual([chosen ? '0' : 'a']);
  });

  test('being deleted, marked as not allocatable, or unreadable are skipped', async () => {
    const key = poolKey('0');
    const resource = JSON.parse(Object.values(spec('0', {}))[0] ?? '');
    const deleted = { ...resource, metadata: { name: '0', deletionTimestamp: '2026-11-21T00:00:00Z' } };
    const barred = { ...resource, status: { conditions: [{ type: 'Allocatable', status: 'False' }] } };
    for (const value of [deleted, barred, { spec: { cidr: 'x' } }, []]) {
      expect(await poolsGiven({ [key]: JSON.stringify(value), ...A })).toEqual(['a']);
    }
    expect(await poolsGiven({ [key]: '{', ...A })).toEqual(['a']);
    expect(await poolsGiven({ [key]: JSON.stringify(resource), ...A })).toEqual(['0']);
  });

  test('of both families give one address each, in the order of the request', async () => {
    expect(await poolsGiven({ ...A, ...V6 }, { families: [4, 6] })).toEqual(['a', 'six']);
    expect(await poolsGiven({ ...A, ...V6 }, { families: [6] })).toEqual(['six']);
    expect(await poolsGiven({ ...A, ...V6 }, { families: [] })).toEqual([]);
  });
});

describe('the original’s message is used when', () => {
  const ALL = { ...A, ...B, ...V6 };
  test.each<readonly [string, Seed, Partial<AssignRequest>, string]>([
    [
      'a pool’s name is unknown',
      ALL,
      { pools4: ['nosuch'] },
      'error parsing pool "nosuch": invalid CIDR address: nosuch',
    ],
    ['a pool of the other family is requested', ALL, { pools4: ['six'] }, '"fd00:1::" isn\'t a IPv4 address'],
    [
      'an IPv4 pool is requested for IPv6, even if unused',
      ALL,
      { pools6: ['10.1.0.3/24'] },
      '"10.1.0.0" isn\'t a IPv6 address',
    ],
    [
      'a CIDR is not a pool',
      ALL,
      { pools4: ['172.31.0.0/16'] },
      'the given pool (172.31.0.0/16) does not exist, or is not enabled',
    ],
    [
      'a CIDR is part of a pool',
      ALL,
      { pools4: ['10.1.0.0/25'] },
      'the given pool (10.1.0.0/25) does not exist, or is not enabled',
    ],
    ['the pool is disabled', spec('p', { disabled: true }), {}, 'cannot find a qualified ippool'],
    ['there is no pool', {}, {}, 'cannot find a qualified ippool'],
    [
      'no pool selects the node',
      spec('p', { nodeSelector: 'has(x)' }),
      {},
      'no configured Calico pools for node node1',
    ],
    [
      'no pool is for workloads',
      spec('p', { allowedUses: ['Tunnel'] }),
      {},
      'cannot find a qualified ippool, no pools match the required use (Workload)',
    ],
    ['IPv6 is requested and has no pool', A, { families: [4, 6] }, 'cannot find a qualified ippool'],
    [
      'the configuration is invalid',
      { ...ALL, [CONFIG]: '{' },
      {},
      `failed to parse datastore entry key=${CONFIG}; value={: `,
    ],
  ])('%s', async (_, seed, more, message) => {
    const model = fakeStore({ ...node('node1'), ...seed });
    const failing = () => carryOut(model, () => assign(request('node1', 'c1', more)));
    await expect(failing()).rejects.toThrow(
      expect.objectContaining({ kind: 'refused', message: expect.stringMatching(beginning(message)) }),
    );
    expect(model.trips.some((trip) => trip.startsWith('commit'))).toBe(false);
  });

  test.each<readonly [string, Seed, Partial<AssignRequest>, string]>([
    ['there is no pool', {}, {}, 'There is no pool: create one with calicoctl init --cidr=CIDR'],
    [
      'IPv6 is requested and has no pool',
      A,
      { families: [4, 6] },
      'There is no IPv6 pool: create one with calicoctl init --ipv6-cidr=CIDR',
    ],
    [
      'the pools are disabled',
      spec('p', { disabled: true }),
      {},
      'No IPv4 pool is enabled and has room for a block: p (10.9.0.0/24); ' +
        'enable one, or add a pool with calicoctl init --cidr=CIDR',
    ],
    [
      'a pool is requested by name and there is none',
      {},
      { pools4: ['nosuch'] },
      'There is no pool: create one with calicoctl init --cidr=CIDR',
    ],
    [
      'a CIDR is requested that is not a pool',
      A,
      { pools4: ['172.31.0.0/16'] },
      'Enabled pools: a (10.1.0.0/24); name one of them, or create this one with calicoctl init --cidr=172.31.0.0/16',
    ],
    [
      'an address is requested and there is no pool',
      {},
      { fixed: ['10.1.0.5'] },
      'There is no pool: create one with calicoctl init --cidr=CIDR',
    ],
    [
      'an address is requested that is in no pool',
      A,
      { fixed: ['10.99.0.5'] },
      'No enabled pool contains 10.99.0.5: a (10.1.0.0/24); ' +
        'request an address from one of them, or add a pool with calicoctl init --cidr=CIDR',
    ],
    [
      'no pool selects the node',
      spec('p', { nodeSelector: 'has(x)' }),
      {},
      "None of p (10.9.0.0/24) is automatic and selects the node's and the namespace's labels: " +
        'change nodeSelector, namespaceSelector or assignmentMode of one (calicoctl get ippools -o yaml), ' +
        'or add a pool with calicoctl init --cidr=CIDR',
    ],
  ])('and the details say what to do when %s', async (_, seed, more, details) => {
    const model = fakeStore({ ...node('node1'), ...seed });
    const failing = () => carryOut(model, () => assign(request('node1', 'c1', more)));
    await expect(failing()).rejects.toThrow(expect.objectContaining({ kind: 'refused', details }));
  });

  test('the node is unknown', async () => {
    const model = fakeStore(ALL);
    await expect(carryOut(model, () => assign(request('node1', 'c1')))).rejects.toThrow(
      expect.objectContaining({
        message: 'resource does not exist: Node(node1) with error: <nil>',
        details: expect.stringContaining('Node node1 does not exist: start calico-node there'),
      }),
    );
  });
});

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
/** Exactly this message, or, if it ends with a blank, a message that starts with it. */
const beginning = (message: string): RegExp => new RegExp(`^${escaped(message)}${message.endsWith(' ') ? '' : '$'}`);

describe('the configuration', () => {
  test.each([
    [
      '{"auto_allocate_blocks":"yes"}',
      'json: cannot unmarshal string into Go struct field IPAMConfig.auto_allocate_blocks of type bool',
    ],
    [
      '{"maxBlocksPerHost":1.5}',
      'json: cannot unmarshal number 1.5 into Go struct field IPAMConfig.maxBlocksPerHost of type int',
    ],
    ['[]', 'json: cannot unmarshal array into Go value of type object'],
  ])('%s is rejected: %s', async (value, why) => {
    const model = fakeStore({ ...node('node1'), ...A, [CONFIG]: value });
    await expect(carryOut(model, () => assign(request('node1', 'c1')))).rejects.toThrow(
      `failed to parse datastore entry key=${CONFIG}; value=${value}: ${why}`,
    );
  });
});
