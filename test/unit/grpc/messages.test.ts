import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinBytes } from '../../../shared/bytes/join.ts';
import { frame, openMessages } from '../../../shared/grpc/grpc.ts';

const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });

test('messages are the same however their bytes arrive', () => {
  fc.assert(
    fc.property(parts, fc.array(fc.nat(300), { maxLength: 12 }), (messages, cuts) => {
      const bytes = joinBytes(messages.map(frame));
      const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const take = openMessages();
      const found = edges.slice(1).flatMap((end, at) => [...take(bytes.subarray(edges[at], end))]);
      expect(found.map((message) => [...message])).toEqual(messages.map((message) => [...message]));
    }),
  );
});

test('what is received is not kept: the bytes of a part may be used again', () => {
  const bytes = frame(Uint8Array.of(1, 2, 3));
  const take = openMessages();
  const part = bytes.slice(0, 6);
  take(part);
  part.fill(255);
  expect([...(take(bytes.subarray(6))[0] ?? [])]).toEqual([1, 2, 3]);
});

test.each([
  ['a compressed message', [1, 0, 0, 0, 1, 7], /compressed/],
  ['a message of 2 GB', [0, 128, 0, 0, 0], /2147483648 bytes/],
])('%s is refused', (_, bytes, why) => {
  expect(() => openMessages()(Uint8Array.from(bytes))).toThrow(why);
});
