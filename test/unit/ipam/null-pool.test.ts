import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { decodePool } from '../../../ipam/config/pools.ts';
import type { Entry } from '../../../shared/datastore/query.ts';
import { poolRef, type Ref } from '../../../shared/datastore/ref.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { keyOf } from '../../../shared/etcd/keys.ts';
import { silent } from '../../../shared/log/log.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { connect } from '../../support/fake-datastore/connection.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { node, pool, poolKey, request } from '../../support/stored/ipam-world.ts';

const entry = (ref: Ref, value: string): Entry => ({ ref, at: keyOf(ref), value, version: '1' });

/** Undefined omits a field. */
const ABSENT = [null, undefined] as const;

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

  test('empty values also have their defaults', () => {
    const empty = { blockSize: 0, nodeSelector: '', allowedUses: [], assignmentMode: '', disabled: false };
    expect(decoded(stored(empty))).toMatchObject({ blockSize: 26, nodeSelector: '', automatic: true, enabled: true });
  });

  test('metadata and status that are null or contain only nulls are empty', () => {
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
  ])('%s as %j makes it unusable, with a warning', async (path, value, wanted) => {
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
  ])('with the network %j is reported as having none', (cidr, shown) => {
    expect(decoded(stored({ cidr }))).toBe(
      `IP pool p is not used: IPPool.spec.cidr: ${shown} is not a network (${poolKey('p')})`,
    );
  });

  test('that is requested by name is named in the error', async () => {
    const model = fakeStore({ ...node('n1'), [poolKey('p')]: stored({ disabled: 'true' }) });
    await expect(carryOut(model, () => assign(request('n1', 'c', { pools4: ['p'] })))).rejects.toThrow(
      expect.objectContaining({ details: expect.stringContaining('field IPPool.spec.disabled of type bool') }),
    );
  });

  test('is named in the log when another one serves', async () => {
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
