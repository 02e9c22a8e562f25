import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attribute,
  attributes,
  decode,
  encode,
  Flag,
  nested,
  readCount,
  readText,
  text,
  u32,
} from '../../../shared/netlink/message.ts';

const value = fc.uint8Array({ maxLength: 40 });

describe('a request', () => {
  test('has its length, type, flags with NLM_F_REQUEST and sequence number before its payload', () => {
    const bytes = encode({ type: 16, flags: Flag.create, body: Uint8Array.of(1, 2, 3, 4) }, 7);
    expect([...bytes]).toEqual([20, 0, 0, 0, 16, 0, 0x01, 0x04, 7, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  });

  test('is parsed from a datagram as it was written, among others', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (bodies) => {
        const parts = bodies.map((body, type) => attribute(type, body));
        const datagram = Buffer.concat(parts.map((body, at) => encode({ type: at + 20, flags: 0, body }, at)));
        const found = decode(datagram);
        expect(found.map(({ type }) => type)).toEqual(parts.map((_, at) => at + 20));
        expect(found.map(({ body }) => [...body])).toEqual(parts.map((body) => [...body]));
      }),
    );
  });
});

describe('a truncated datagram', () => {
  test('is an error, not fewer messages', () => {
    const whole = encode({ type: 16, flags: 0, body: new Uint8Array(8) }, 1);
    for (let length = 1; length < whole.length; length++) {
      expect(() => decode(whole.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
  });

  test('with a message length of 0 does not cause an endless loop', () => {
    expect(() => decode(new Uint8Array(16))).toThrow(RangeError);
  });
});

describe('attributes', () => {
  test('are padded to four bytes, and their length excludes the padding', () => {
    expect([...attribute(3, text('eth0'))]).toEqual([9, 0, 3, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0]);
  });

  test('are found by type after a header, including nested ones', () => {
    fc.assert(
      fc.property(value, value, (one, other) => {
        const body = Buffer.concat([
          new Uint8Array(8),
          attribute(1, one),
          nested(2, attribute(3, other), attribute(4, u32(9))),
        ]);
        const found = attributes(body, 8);
        expect([...(found.get(1) ?? [])]).toEqual([...one]);
        const inner = attributes(found.get(2) ?? new Uint8Array(), 0);
        expect([...(inner.get(3) ?? [])]).toEqual([...other]);
        expect(readCount(inner.get(4))).toBe(9);
      }),
    );
  });

  test('with nested attributes carry the nested flag', () => {
    expect([...nested(2, attribute(1, u32(9)))]).toEqual([12, 0, 2, 0x80, 8, 0, 1, 0, 9, 0, 0, 0]);
  });

  test('that are malformed end the list', () => {
    expect([...attributes(Uint8Array.of(3, 0, 1, 0, 9, 9, 9, 9), 0)]).toEqual([]);
  });
});

test('text ends at its first NUL', () => {
  expect(readText(Buffer.from('eth0\0\0x'))).toBe('eth0');
  expect(readText(undefined)).toBe('');
});
