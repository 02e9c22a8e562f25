import { describe, expect, it, test } from 'vitest';
import { frame, statusOf, unframe } from '../../../shared/grpc/grpc.ts';

describe('frame and unframe', () => {
  test.each([0, 1, 255, 256, 70_000])('round-trip a message of %i bytes', (length) => {
    const message = new Uint8Array(length).fill(7);
    const framed = frame(message);
    expect(framed.length).toBe(length + 5);
    expect(Buffer.from(unframe(framed)).equals(message)).toBe(true);
  });

  it('stay within their slice of a larger buffer', () => {
    const large = Buffer.concat([Buffer.from('xx'), frame(Uint8Array.of(1, 2)), Buffer.from('')]);
    expect([...unframe(large.subarray(2))]).toEqual([1, 2]);
  });

  test.each([
    ['no body', [], 'the answer has 0 bytes and no message'],
    ['half a prefix', [0, 0, 0], 'the answer has 3 bytes and no message'],
    ['half a message', [0, 0, 0, 0, 4, 1, 2], 'the answer ends after 2 of 4 bytes'],
    ['two messages', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'more than one message'],
    ['a compressed message', [1, 0, 0, 0, 0], 'compressed'],
    ['a length of 4 GB', [0, 255, 255, 255, 255, 1], 'the answer ends after 1 of 4294967295 bytes'],
  ])('reject %s', (_, body, why) => {
    expect(() => unframe(Uint8Array.from(body))).toThrow(why);
  });
});

describe('statusOf', () => {
  const headers = { ':status': 200, 'content-type': 'application/grpc' };

  test.each([
    ['in the trailers', headers, { 'grpc-status': '0' }, { code: 0, message: '' }],
    [
      'in the headers of an answer without a body',
      { ...headers, 'grpc-status': '14' },
      undefined,
      { code: 14, message: '' },
    ],
    [
      'in the trailers when the headers have one too',
      { 'grpc-status': '0' },
      { 'grpc-status': '2' },
      { code: 2, message: '' },
    ],
    ['nowhere', headers, undefined, undefined],
    ['missing from the trailers', headers, { 'x-other': '1' }, undefined],
    ['that is not a number', headers, { 'grpc-status': 'ok' }, undefined],
    ['that is empty', headers, { 'grpc-status': '' }, undefined],
  ])('finds the status %s', (_, head, tail, status) => {
    expect(statusOf(head, tail)).toEqual(status);
  });

  test.each([
    ['etcdserver%3A%20no%20leader', 'etcdserver: no leader'],
    ['plain', 'plain'],
    ['100% broken', '100% broken'],
    ['%C3%BC', 'ü'],
  ])('decodes the message %s', (sent, message) => {
    expect(statusOf(headers, { 'grpc-status': '2', 'grpc-message': sent })).toEqual({ code: 2, message });
  });
});
