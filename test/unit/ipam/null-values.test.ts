import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { affinitiesOf } from '../../../ipam/block/affinity.ts';
import { readHandle, writeHandle } from '../../../ipam/block/handle.ts';
import { readConfig } from '../../../ipam/config/ipam-config.ts';
import { labelsOf, requiredLabels } from '../../../ipam/config/node-labels.ts';
import { decodeReservation } from '../../../ipam/config/reservations.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { openView } from '../../../shared/datastore/known-view.ts';
import { type Entry, get, type Query, affinitiesOf as queryAffinities } from '../../../shared/datastore/query.ts';
import { affinityRef, handleRef, IPAM_CONFIG, nodeRef, type Ref } from '../../../shared/datastore/ref.ts';
import type { View } from '../../../shared/datastore/view.ts';
import { keyOf } from '../../../shared/etcd/keys.ts';
import { network } from '../../../shared/net/cidr.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, CONFIG, handle, node, nodeKeyOf, pool, request } from '../../support/stored/ipam-world.ts';

const entry = (ref: Ref, value: string): Entry => ({ ref, at: keyOf(ref), value, version: '1' });

/** A view in which one object, or a list, has exactly this value. */
function holding(ref: Ref, value: string, query: Query = get(ref)): View {
  const view = openView();
  view.learn(query, { entries: [entry(ref, value)], refs: [] });
  return view;
}

const CIDR = network(4, 0x0a_00_00_00n, 30);

/** Undefined omits a field. */
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

  test('null as a whole is the zero value', () => {
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
  ])('%s as %j is rejected with key and field', (field, value, found, wanted) => {
    const text = JSON.stringify({ ...ALL, [field]: value });
    expect(() => read({ ...ALL, [field]: value })).toThrow(
      `failed to parse datastore entry key=${CONFIG}; value=${text}: json: cannot unmarshal ${found} into Go struct field IPAMConfig.${field} of type ${wanted}`,
    );
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
  ])('%j counts as far as it can be parsed, with a warning', (value, cidrs, why) => {
    expect(texts(value)).toEqual(cidrs);
    expect(decoded(value).unread).toEqual([expect.stringContaining(why)]);
    expect(decoded(value).unread[0]).toContain(keyOf(ref));
  });
});

describe('an affinity', () => {
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

  test('a null label is empty', () => {
    expect(labels({ metadata: { labels: { a: null, b: 'c' } } })).toEqual({ a: '', b: 'c' });
  });

  test.each([
    [{ metadata: { labels: { a: 1 } } }, 'number into Go struct field Node.metadata.labels.a of type string'],
    [{ metadata: { labels: 'a' } }, 'string into Go struct field Node.metadata.labels of type map[string]string'],
    [{ metadata: [] }, 'array into Go struct field Node.metadata of type object'],
  ])('%j is rejected with key and field', (value, why) => {
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
  ])('%s may hide addresses, so blocks are searched', (value) => {
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
    'of a container, stored as %s, releases what the container holds',
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
