import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLatin1, latin1 } from '../../../shared/bytes/text.ts';
import { type HttpAnswer, openAnswer } from '../../../shared/http1/answer.ts';

/** The answer in a text that arrives in pieces of so many bytes, and then perhaps the end of the connection. */
function answer(text: string, { size = text.length, ends = false, method = 'GET' } = {}): HttpAnswer | undefined {
  const reader = openAnswer(method);
  const bytes = latin1(text);
  for (let at = 0; at < bytes.length; at += size) {
    const found = reader.take(bytes.subarray(at, at + size));
    if (found !== undefined) return found;
  }
  return ends ? reader.end() : undefined;
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const LENGTH = `${HEAD}Content-Length: 5\r\n\r\nhello`;
const CHUNKS = `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n`;
const TO_THE_END = `${HEAD}\r\nhello`;
const body = (found: HttpAnswer | undefined) => found && fromLatin1(found.body);

describe('an answer', () => {
  test.each([
    ['of a known length', LENGTH, false],
    ['in chunks', CHUNKS, false],
    ['up to the end of the connection', TO_THE_END, true],
    ['after an interim one', `HTTP/1.1 100 Continue\r\n\r\n${LENGTH}`, false],
  ])('%s is read, however it is cut', (_what, text, ends) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: text.length }), (size) => {
        const found = answer(text, { size, ends });
        expect(found?.status).toBe(200);
        expect(body(found)).toBe('hello');
        expect(found?.headers.get('content-type')).toBe('application/json');
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['of a known length', LENGTH],
    ['in chunks', CHUNKS],
  ])('%s is not complete before its last byte', (_what, text) => {
    for (let length = 0; length < text.length; length++) {
      expect(answer(text.slice(0, length), { ends: true })).toBeUndefined();
    }
  });

  test.each([204, 304])('with status %i has no body, whatever it announces', (status) => {
    expect(body(answer(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`))).toBe('');
  });

  test('to HEAD has no body', () => {
    expect(body(answer(`${HEAD}Content-Length: 5\r\n\r\n`, { method: 'HEAD' }))).toBe('');
  });

  test('of no bytes is complete', () => {
    expect(body(answer(`${HEAD}Content-Length: 0\r\n\r\n`))).toBe('');
  });
});

describe('what is not a valid answer is refused', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'not HTTP/1.1'],
    ['another protocol, before its first line ends', '\u0015\u0003\u0001\u0000\u0002', 'not HTTP/1.1'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', 'not HTTP/1.1'],
    ['a length that is not a number', `${HEAD}Content-Length: 0x5\r\n\r\nhello`, 'invalid length'],
    ['two lengths', `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 'invalid length'],
    ['a coding that is not known', `${HEAD}Transfer-Encoding: gzip\r\n\r\nhello`, 'transfer coding'],
    ['a chunk without a length', `${HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 'invalid chunk'],
    ['a chunk longer than it says', `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n`, 'invalid chunk'],
    ['a size line without end', `${HEAD}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(3000)}`, 'invalid chunk'],
    ['headers without end', `${HEAD}${'x: y\r\n'.repeat(20_000)}`, '64 KB'],
  ])('%s', (_what, text, why) => {
    expect(() => answer(text)).toThrow(why);
  });

  test('a body that is too large', () => {
    const reader = openAnswer('GET');
    reader.take(latin1(`${HEAD}\r\n`));
    const part = new Uint8Array(1 << 20);
    expect(() => {
      for (let sent = 0; sent < 70; sent++) reader.take(part);
    }).toThrow('larger than the limit of 64 MB');
  });
});
