import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it, test } from 'vitest';
import { Alarm, Authenticate, Status, Txn, type TxnRequest } from '../../../shared/etcd/generated-rpc.ts';
import { decode, encode } from '../../../shared/grpc/wire.ts';

// protobufjs, reading the same protos, checks our codec.
const folder = dirname(createRequire(import.meta.url).resolve('etcd3/package.json'));
const root = new protobuf.Root();
for (const name of ['kv', 'auth', 'rpc']) {
  protobuf.parse(readFileSync(join(folder, `proto/${name}.proto`), 'utf8'), root);
}
const theirs = (name: string) => root.lookupType(name);
const bytes = (text: string) => Buffer.from(text);
const theirBytes = (name: string, message: object) => theirs(name).encode(theirs(name).fromObject(message)).finish();

const key = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('ÿ', '\ufeffbom', 'a'.repeat(127)));
const text = fc.oneof(key, fc.constantFrom('x'.repeat(128), 'ü'.repeat(9000), '😀'.repeat(8192)));
const revision = fc.oneof(
  fc.nat(300),
  fc.constantFrom(127, 128, 2 ** 31, 2 ** 32 + 1, 2 ** 49, Number.MAX_SAFE_INTEGER),
);

const requestOp = fc.oneof(
  fc.record({
    requestRange: fc.record({
      key,
      rangeEnd: key,
      limit: revision,
      revision,
      keysOnly: fc.boolean(),
      countOnly: fc.boolean(),
    }),
  }),
  fc.record({ requestPut: fc.record({ key, value: text }) }),
  fc.record({ requestDeleteRange: fc.record({ key }) }),
);
const compare = fc.record({ result: fc.nat(3), target: fc.nat(4), key, modRevision: revision });
const txn = fc.record({
  compare: fc.array(compare, { maxLength: 4 }),
  success: fc.array(requestOp, { maxLength: 4 }),
  failure: fc.array(requestOp, { maxLength: 4 }),
});

/** The same request with keys and values as bytes, as protobufjs requires. */
function asBytes(value: unknown, name = ''): unknown {
  if (typeof value === 'string' && ['key', 'rangeEnd', 'value'].includes(name)) return bytes(value);
  if (Array.isArray(value)) return value.map((one) => asBytes(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, asBytes(one, field)]));
}

it('is what the generator makes from the protos', () => {
  const checkout = join(import.meta.dirname, '../../..');
  const fresh = join(mkdtempSync(join(tmpdir(), 'rpc-codec-')), 'rpc.ts');
  execFileSync(process.execPath, ['build/bootstrap.mjs', 'codec', fresh], { cwd: checkout });
  expect(readFileSync(fresh, 'utf8')).toBe(readFileSync(join(checkout, 'shared/etcd/generated-rpc.ts'), 'utf8'));
  rmSync(dirname(fresh), { recursive: true });
});

describe('writing', () => {
  it('produces a Txn that protobufjs reads back', () => {
    const decoded = (written: Uint8Array) =>
      theirs('TxnRequest').toObject(theirs('TxnRequest').decode(written), {
        defaults: true,
        bytes: String,
        longs: String,
      });
    fc.assert(
      fc.property(txn, (request) => {
        const expected = decoded(theirBytes('TxnRequest', asBytes(request) as object));
        expect(isDeepStrictEqual(decoded(encode(Txn.write, request)), expected)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('writes a value of more than two megabytes after a four-byte length', () => {
    const value = '😀'.repeat(600_000);
    const written = encode(Txn.write, { success: [{ requestPut: { key: 'a', value } }] });
    const decoded = theirs('TxnRequest').toObject(theirs('TxnRequest').decode(written))['success'][0].requestPut;
    expect(bytes(value).equals(decoded.value)).toBe(true);
  });

  it('writes a compared revision of 0, which says that the key does not exist', () => {
    const request: TxnRequest = { compare: [{ key: 'a', target: 2, modRevision: 0 }] };
    const [decoded] = theirs('TxnRequest').decode(encode(Txn.write, request)).toJSON()['compare'];
    expect(decoded).toEqual({ target: 'Mod', key: 'YQ==', modRevision: '0' });
  });

  it('writes user, password and a 64-bit member id', () => {
    const login = { name: 'root', password: 'pä55' };
    expect(Buffer.from(encode(Authenticate.write, login))).toEqual(theirBytes('AuthenticateRequest', login));
    const alarm = encode(Alarm.write, { action: 2, memberID: 2n ** 64n - 1n, alarm: 1 });
    expect(theirs('AlarmRequest').decode(alarm).toJSON()).toEqual({
      action: 'Deactivate',
      memberID: '18446744073709551615',
      alarm: 'Nospace',
    });
  });

  it('rejects a number that is not an integer within 2^53', () => {
    for (const limit of [-1, 0.5, 2 ** 53]) {
      const request = { success: [{ requestRange: { key: 'a', limit } }] };
      expect(() => encode(Txn.write, request), String(limit)).toThrow('not an unsigned integer');
    }
  });
});

const range = (entries: readonly { key: string; value: string; modRevision: number }[]) => ({
  responseRange: {
    header: { clusterId: '14841639068965178418', raftTerm: 7 },
    kvs: entries.map((entry) => ({
      ...entry,
      key: bytes(entry.key),
      value: bytes(entry.value),
      createRevision: 3,
      version: 9,
      lease: '7587856290483847947',
    })),
    more: true,
    count: 300,
  },
});

describe('reading', () => {
  const entries = [
    { key: '/calico/ü', value: '{"a":"😀"}', modRevision: 2 ** 40 + 1 },
    { key: '/calico/b', value: '\ufeffx'.repeat(5000), modRevision: Number.MAX_SAFE_INTEGER },
  ];
  const answer = theirBytes('TxnResponse', {
    header: { clusterId: '14841639068965178418', memberId: '1', revision: 77, raftTerm: 5 },
    succeeded: true,
    responses: [range(entries), { responsePut: { header: { revision: 4 } } }, range([])],
  });

  it('reads keys, values and revisions of a Txn and skips the rest', () => {
    const decoded = decode(Txn.read, answer);
    expect(decoded.header).toEqual({ clusterId: 14841639068965178418n, memberId: 1n, revision: 77 });
    expect(decoded.succeeded).toBe(true);
    expect(decoded.responses.map((one) => one.responseRange)).toEqual([
      { kvs: entries, more: true, count: 300 },
      undefined,
      { kvs: [], more: true, count: 300 },
    ]);
  });

  it('reads a truncated message as protobufjs does, at every length', () => {
    const small = theirBytes('TxnResponse', { header: { revision: 300 }, succeeded: true, responses: [range([])] });
    let refused = 0;
    for (let length = 0; length < small.length; length++) {
      const cut = small.subarray(0, length);
      const said = attempt(() => theirs('TxnResponse').decode(cut).toJSON());
      const ours = attempt(() => decode(Txn.read, cut));
      expect(ours === undefined, `${length} bytes`).toBe(said === undefined);
      if (ours === undefined) refused++;
    }
    expect(refused).toBeGreaterThan(10);
  });

  test.each([
    ['a length that runs past the end', [0x1a, 0x05, 1], 'the message ends too early'],
    ['an inner length that runs past the outer one', [0x1a, 0x02, 0x0a, 0x7f, 0, 0, 0], 'the message ends too early'],
    ['an unfinished integer', [0x10, 0x80], 'the message ends too early'],
    ['a fixed field cut short', [0xf9, 0x01, 1, 2, 3], 'the message ends too early'],
    ['field number 0', [0x02, 0x00], 'no such field'],
    ['a wire type that does not exist', [0xff, 0x01], 'no such wire type: 7'],
    ['an integer that never ends', [0x10, ...Array(11).fill(0xff)], 'an integer of more than ten bytes'],
    ['a negative length', [0x1a, ...Array(9).fill(0xff), 1], 'the message ends too early'],
    ['a revision too large for a number', [0x0a, 9, 0x18, ...Array(7).fill(0xff), 0x7f], 'beyond 2^53'],
  ])('rejects %s', (_, message, why) => {
    expect(() => decode(Txn.read, Uint8Array.from(message))).toThrow(why);
  });

  test.each([
    ['messages', [0x1a, 0], 'more than 250000 messages in one'],
    ['fields of no name', [0x32, 0], 'more than 2000000 fields in one message'],
    ['fields of a name', [0x10, 1], 'more than 2000000 fields in one message'],
  ])('stops reading millions of %s', (_, field, why) => {
    const flood = Buffer.alloc(2 * 2_000_001, Uint8Array.from(field));
    expect(() => decode(Txn.read, flood)).toThrow(why);
  });

  it('skips unknown fields of every wire type', () => {
    const unknown = [0xf8, 0x01, 5, 0xf9, 0x01, ...Array(8).fill(1), 0xfa, 0x01, 2, 9, 9, 0xfd, 0x01, 1, 2, 3, 4];
    expect(decode(Txn.read, Uint8Array.from([...unknown, 0x10, 1])).succeeded).toBe(true);
  });

  it('reads the token, the status of a member and its alarms', () => {
    expect(decode(Authenticate.read, theirBytes('AuthenticateResponse', { token: 'abc.1' })).token).toBe('abc.1');
    const status = { version: '3.5.1', dbSize: 2 ** 33, leader: '9372538179322589801', errors: ['NOSPACE', 'b'] };
    const decoded = decode(Status.read, theirBytes('StatusResponse', { ...status, raftIndex: 9 }));
    expect(decoded).toEqual({ ...status, leader: 9372538179322589801n, header: undefined });
    const alarms = theirBytes('AlarmResponse', { alarms: [{ memberID: '9372538179322589801', alarm: 1 }] });
    expect(decode(Alarm.read, alarms).alarms).toEqual([{ memberID: 9372538179322589801n, alarm: 1 }]);
  });

  it('replaces bytes that are not UTF-8, as Go does in JSON', () => {
    const kv = theirBytes('mvccpb.KeyValue', { key: bytes('/a'), value: Buffer.from([0x22, 0xff, 0x22]) });
    const nested = Uint8Array.from([0x1a, kv.length + 4, 0x0a, kv.length + 2, 0x12, kv.length, ...kv]);
    expect(decode(Txn.read, nested).responses[0]?.responseRange?.kvs[0]?.value).toBe('"\ufffd"');
  });
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
