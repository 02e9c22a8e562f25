import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { affinitiesOf } from '../../../ipam/block/affinity.ts';
import { readHandle, writeHandle } from '../../../ipam/block/handle.ts';
import { readConfig } from '../../../ipam/config/ipam-config.ts';
import { labelsOf, requiredLabels } from '../../../ipam/config/node-labels.ts';
import { decodePool } from '../../../ipam/config/pools.ts';
import { decodeReservation } from '../../../ipam/config/reservations.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { openView } from '../../../shared/datastore/known-view.ts';
import { type Entry, get, type Query, affinitiesOf as queryAffinities } from '../../../shared/datastore/query.ts';
import { affinityRef, handleRef, IPAM_CONFIG, nodeRef, poolRef, type Ref } from '../../../shared/datastore/ref.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import type { View } from '../../../shared/datastore/view.ts';
import { keyOf } from '../../../shared/etcd/keys.ts';
import { silent } from '../../../shared/log/log.ts';
import { network } from '../../../shared/net/cidr.ts';
import { carryOut } from '../../support/actor.ts';
import { connect } from '../../support/connection.ts';
import { fakeStore } from '../../support/fake-store.ts';
import { violations } from '../../support/invariants.ts';
import { at, CONFIG, handle, node, nodeKeyOf, pool, poolKey, request } from '../../support/ipam-world.ts';
import { fakeWorld } from '../fake-world.ts';

const entry = (ref: Ref, value: string): Entry => ({ ref, at: keyOf(ref), value, version: '1' });

/** A view in which one object, or a list, is just this. */
function holding(ref: Ref, value: string, query: Query = get(ref)): View {
  const view = openView();
  view.learn(query, { entries: [entry(ref, value)], refs: [] });
  return view;
}

const CIDR = network(4, 0x0a_00_00_00n, 30);

/** Undefined leaves a field out. */
const ABSENT = [null, undefined] as const;

describe('IPAMConfig', () => {
  const ALL = { strict_affinity: true, auto_allocate_blocks: true, maxBlocksPerHost: 3, ipCooldownSeconds: 4 };
  const read = (fields: unknown) => readConfig(holding(IPAM_CONFIG, JSON.stringify(fields)));

  test.each([
    ['strict_affinity', false],
    ['auto_allocate_blocks', false],
    ['maxBlocksPerHost', 0],
    ['ipCooldownSeconds', 0],
  ])('%s null or absent is %j', (field, zero) => {
    for (const value of ABSENT) expect(read({ ...ALL, [field]: value })).toEqual({ ...ALL, [field]: zero });
  });

  test('null as a whole is all zero', () => {
    expect(read(null)).toEqual({
      strict_affinity: false,
      auto_allocate_blocks: false,
      maxBlocksPerHost: 0,
      ipCooldownSeconds: 0,
    });
  });

  test.each([
    ['strict_affinity', 'true', 'string', 'bool'],
    ['auto_allocate_blocks', 1, 'number', 'bool'],
    ['maxBlocksPerHost', '3', 'string', 'int'],
    ['maxBlocksPerHost', 1.5, 'number 1.5', 'int'],
    ['ipCooldownSeconds', [], 'array', 'int'],
    ['kubeVirtVMAddressPersistence', true, 'bool', 'string'],
  ])('%s as %j is refused by key and field', (field, value, found, wanted) => {
    const text = JSON.stringify({ ...ALL, [field]: value });
    expect(() => read({ ...ALL, [field]: value })).toThrow(
      `failed to parse datastore entry key=${CONFIG}; value=${text}: json: cannot unmarshal ${found} into Go struct field IPAMConfig.${field} of type ${wanted}`,
    );
  });
});

describe('a pool', () => {
  const SPEC = {
    cidr: '10.9.0.0/24',
    blockSize: 27,
    nodeSelector: "a == 'b'",
    namespaceSelector: "c == 'd'",
    allowedUses: ['Tunnel'],
    assignmentMode: 'Manual',
    disabled: true,
  };
  const stored = (more: object, others: object = {}) => Object.values(pool('p', { ...SPEC, ...more }, others))[0] ?? '';
  const decoded = (value: string) => decodePool(entry(poolRef('p'), value));
  const WHOLE = {
    name: 'p',
    blockSize: 27,
    nodeSelector: "a == 'b'",
    namespaceSelector: "c == 'd'",
    allowedUses: ['Tunnel'],
    automatic: false,
    enabled: false,
  };

  test.each([
    ['blockSize', { blockSize: 26 }],
    ['nodeSelector', { nodeSelector: '' }],
    ['namespaceSelector', { namespaceSelector: '' }],
    ['allowedUses', { allowedUses: ['Workload', 'Tunnel'] }],
    ['assignmentMode', { automatic: true }],
    ['disabled', { enabled: true }],
    ['vxlanMode', {}],
    ['ipipMode', {}],
    ['natOutgoing', {}],
    ['disableBGPExport', {}],
    ['ipip', {}],
  ])('%s null or absent has its default', (field, zero) => {
    for (const value of ABSENT) expect(decoded(stored({ [field]: value }))).toMatchObject({ ...WHOLE, ...zero });
  });

  test('empty values have their defaults, too', () => {
    const empty = { blockSize: 0, nodeSelector: '', allowedUses: [], assignmentMode: '', disabled: false };
    expect(decoded(stored(empty))).toMatchObject({ blockSize: 26, nodeSelector: '', automatic: true, enabled: true });
  });

  test('metadata and status null or full of nulls are none', () => {
    for (const none of [
      null,
      undefined,
      { name: null, labels: null, annotations: { a: null }, deletionTimestamp: null },
    ])
      expect(
        decoded(
          stored({ disabled: false }, { metadata: none, status: none && { conditions: [null, { type: null }] } }),
        ),
      ).toMatchObject({ enabled: true });
  });

  test.each([
    ['spec.disabled', 'true', 'bool'],
    ['spec.natOutgoing', 'true', 'bool'],
    ['spec.disableBGPExport', 0, 'bool'],
    ['spec.nat-outgoing', 'yes', 'bool'],
    ['spec.blockSize', '26', 'int'],
    ['spec.nodeSelector', true, 'string'],
    ['spec.namespaceSelector', [], 'string'],
    ['spec.allowedUses', 'Workload', '[]string'],
    ['spec.allowedUses', [7], 'string'],
    ['spec.assignmentMode', 1, 'string'],
    ['spec.vxlanMode', false, 'string'],
    ['spec.ipipMode', 1, 'string'],
    ['spec.ipip', 'Always', 'object'],
    ['spec.cidr', 10, 'string'],
    ['metadata.deletionTimestamp', true, 'string'],
    ['metadata.labels', [], 'map[string]string'],
    ['metadata', 'x', 'object'],
    ['status.conditions', {}, '[]object'],
    ['status', [], 'object'],
  ])('%s as %j makes it unusable, and is said', async (path, value, wanted) => {
    const [top = '', field = ''] = path.split('.');
    const good = JSON.parse(stored({ disabled: false }));
    const bad = JSON.stringify({ ...good, [top]: field === '' ? value : { ...good[top], [field]: value } });
    expect(decoded(bad)).toMatch(/^IP pool p is not used: json: cannot unmarshal /);
    expect(decoded(bad)).toContain(` field IPPool.${path}`);
    expect(decoded(bad)).toContain(` of type ${wanted} (${poolKey('p')})`);
    const model = fakeStore({ ...node('n1'), [poolKey('p')]: bad });
    await expect(carryOut(model, () => assign(request('n1', 'c')))).rejects.toThrow(
      expect.objectContaining({
        message: 'cannot find a qualified ippool',
        details: expect.stringContaining(`IP pool p is not used: json: `),
      }),
    );
  });

  test.each([
    ['', '""'],
    ['10.0.0.0/33', '"10.0.0.0/33"'],
    [null, '""'],
  ])('with the network %j is said to have none', (cidr, shown) => {
    expect(decoded(stored({ cidr }))).toBe(
      `IP pool p is not used: IPPool.spec.cidr: ${shown} is not a network (${poolKey('p')})`,
    );
  });

  test('that is asked for by name is named in the error', async () => {
    const model = fakeStore({ ...node('n1'), [poolKey('p')]: stored({ disabled: 'true' }) });
    await expect(carryOut(model, () => assign(request('n1', 'c', { pools4: ['p'] })))).rejects.toThrow(
      expect.objectContaining({ details: expect.stringContaining('field IPPool.spec.disabled of type bool') }),
    );
  });

  test('is named in the log where another one serves', async () => {
    const good = pool('q', { cidr: '10.8.0.0/24' });
    const model = fakeStore({ ...node('n1'), ...good, [poolKey('p')]: stored({ disabled: 'true' }) });
    const said: string[] = [];
    const log = { ...silent, warn: (text: string) => void said.push(text) };
    const store = connect(model);
    const asked = request('n1', 'c');
    const call = { store, world: fakeWorld({}), log, deadline: 1e6 };
    const { addresses } = await transact(call, () => assign(asked));
    expect(addresses).toHaveLength(1);
    expect(said).toEqual([expect.stringContaining('IP pool p is not used: json: cannot unmarshal string')]);
  });
});

describe('a reservation', () => {
  const ref: Ref = { kind: 'IPReservation', name: 'r' };
  const decoded = (value: unknown) => decodeReservation(entry(ref, JSON.stringify(value)));
  const texts = (value: unknown) => decoded(value).cidrs.map(({ text }) => text);

  test.each([
    null,
    {},
    { spec: null },
    { spec: {} },
    { spec: { reservedCIDRs: null } },
    { spec: { reservedCIDRs: [] } },
    { spec: { reservedCIDRs: [null] } },
    { metadata: null, spec: { reservedCIDRs: [''] } },
  ])('%j reserves nothing', (value) => {
    expect(decoded(value)).toEqual({ cidrs: [], unread: [] });
  });

  test.each([
    [{ spec: { reservedCIDRs: ['10.0.0.1', 7] } }, ['10.0.0.1/32'], 'spec.reservedCIDRs of type string'],
    [{ spec: { reservedCIDRs: '10.0.0.1' } }, ['10.0.0.1/32'], 'spec.reservedCIDRs of type []string'],
    [{ metadata: 7, spec: { reservedCIDRs: ['10.0.0.1'] } }, ['10.0.0.1/32'], 'metadata of type object'],
    [{ spec: { reservedCIDRs: ['10.0.0.1', '10.0.0.0/33'] } }, ['10.0.0.1/32'], '"10.0.0.0/33" is not a network'],
    [{ spec: 'x' }, [], 'spec of type object'],
    [[], [], 'json: cannot unmarshal array'],
  ])('%j counts as far as it can be read, and that is said', (value, cidrs, why) => {
    expect(texts(value)).toEqual(cidrs);
    expect(decoded(value).unread).toEqual([expect.stringContaining(why)]);
    expect(decoded(value).unread[0]).toContain(keyOf(ref));
  });
});

describe('a claim', () => {
  const stateOf = (value: string) =>
    affinitiesOf(holding(affinityRef('n1', CIDR), value, queryAffinities('n1')), 'n1')[0]?.state;

  test.each([
    ['', ''],
    ['null', ''],
    ['{}', ''],
    ['{"state":null,"deleted":null}', ''],
    ['{"state":""}', ''],
    ['{"state":"pending"}', 'pending'],
    ['{"state":"confirmed","deleted":false}', 'confirmed'],
    ['{"state":7}', undefined],
    ['{"state":"confirmed","deleted":"false"}', undefined],
    ['[]', undefined],
  ])('%s is %s', (value, state) => {
    expect(stateOf(value)).toBe(state);
  });
});

describe('a node', () => {
  const labels = (value: unknown) => requiredLabels(holding(nodeRef('n'), JSON.stringify(value)), 'n');

  test.each([null, {}, { metadata: null }, { metadata: {} }, { metadata: { labels: null } }])(
    '%j has no labels',
    (value) => {
      expect(labels(value)).toEqual({});
    },
  );

  test('a label of null is empty', () => {
    expect(labels({ metadata: { labels: { a: null, b: 'c' } } })).toEqual({ a: '', b: 'c' });
  });

  test.each([
    [{ metadata: { labels: { a: 1 } } }, 'number into Go struct field Node.metadata.labels.a of type string'],
    [{ metadata: { labels: 'a' } }, 'string into Go struct field Node.metadata.labels of type map[string]string'],
    [{ metadata: [] }, 'array into Go struct field Node.metadata of type object'],
  ])('%j is refused by key and field', (value, why) => {
    expect(() => labels(value)).toThrow(
      `key=${nodeKeyOf('n')}; value=${JSON.stringify(value)}: json: cannot unmarshal ${why}`,
    );
    expect(labelsOf(holding(nodeRef('n'), JSON.stringify(value)), 'n')).toBeUndefined();
  });
});

describe('a handle', () => {
  const read = (value: string) => readHandle(holding(handleRef('h'), value), 'h');

  test.each(['null', '{}', '{"block":null,"deleted":null}', '{"block":{}}'])('%s holds nothing', (value) => {
    expect(read(value)).toMatchObject({ stored: true, blocks: [], handle: { block: {}, deleted: false } });
  });

  test.each([
    'null',
    '{"block":null}',
    '{"block":{"10.0.0.0/30":null}}',
    '{"block":{"10.0.0.0/30":"1"}}',
    '{"block":{"10.0.0.0/30":1.5}}',
  ])('%s may hide something, so that blocks are searched', (value) => {
    expect(read(value).sound).toBe(false);
  });

  test.each(['{"block":{"10.0.0.0/30":null,"10.0.0.4/30":1},"deleted":null,"future":null}', 'null'])(
    '%s is written again',
    (value) => {
      expect(writeHandle(read(value), new Map([['10.0.0.4/30', 2]])).next).toMatch(
        /^\{"block":\{"10\.0\.0\.4\/30":2\},"deleted":false/,
      );
    },
  );

  test.each(['null', '{"block":null}', '{"block":{"10.0.0.0/30":null}}', '{"block":{"10.0.0.0/30":"1"}}'])(
    'of a container, stored as %s, frees what the container holds',
    async (value) => {
      const model = fakeStore({ ...node('n1'), ...pool('p', { cidr: '10.0.0.0/30', blockSize: 30 }) });
      await carryOut(model, () => assign(request('n1', 'c')));
      model.put(handle('net1.c'), value);
      const released = await carryOut(model, () => releaseHandles({ handleIDs: ['net1.c'], node: 'n1', now: at(1) }));
      expect(released.released).toHaveLength(1);
      expect(violations(model.dump(), { released: true })).toEqual([]);
    },
  );
});
