import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { encodeFields, openDecoder } from '../../../shared/http2/hpack.ts';
import { decodeByTable, decodeHuffman, USUAL } from '../../../shared/http2/huffman.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('headers as printed in RFC 7541 (appendix C.6: three Huffman-coded responses of one connection)', () => {
  const decode = openDecoder();

  test('the first fills the table', () => {
    const block =
      '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3';
    expect(decode(hex(block))).toEqual([
      [':status', '302'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ]);
  });

  test('the second refers to the table', () => {
    expect(decode(hex('4883 640e ffc1 c0bf'))).toEqual([
      [':status', '307'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ]);
  });

  test('the third refers to it and adds entries', () => {
    const block =
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07';
    expect(decode(hex(block))).toEqual([
      [':status', '200'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
      ['location', 'https://www.example.com'],
      ['content-encoding', 'gzip'],
      ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
    ]);
  });
});

test('encoded headers are decoded again, whatever their length', () => {
  const fields = [
    [':path', '/etcdserverpb.KV/Txn'],
    ['token', 'x'.repeat(300)],
  ] as const;
  expect(openDecoder()(encodeFields(fields))).toEqual(fields);
});

test('entries beyond the table’s size are evicted', () => {
  const decode = openDecoder();
  const entry = (value: string) =>
    Buffer.concat([
      hex('40 01 61'),
      hex(`7f${(value.length - 127 + 128).toString(16)}`),
      hex('00'),
      Buffer.from(value),
    ]);
  const big = 'x'.repeat(200);
  for (let times = 0; times < 30; times++) decode(entry(big));
  expect(decode(hex('be'))).toEqual([['a', big]]);
  // 4096 bytes hold seventeen such entries, so 62 + 17 is one too many.
  expect(() => decode(hex('cf'))).toThrow('does not exist');
});

test.each([
  ['a reference to no entry', 'ff00'],
  ['a block that ends within a string', '4003 61'],
  ['a number that does not end', 'ffffffffffffffff'],
  ['a Huffman string that ends within a code', '4081 00 00'],
])('%s is rejected', (_, block) => {
  expect(() => openDecoder()(hex(block))).toThrow();
});

test('every byte that a header may contain survives Huffman coding', () => {
  expect(decodeHuffman(hex('f1e3 c2e5 f23a 6ba0 ab90 f4ff'))).toBe('www.example.com');
  expect(decodeHuffman(hex('a8eb 1064 9cbf'))).toBe('no-cache');
});

test.each([...USUAL])('the built-in encoding of %j matches the table', (code, text) => {
  const bytes = Buffer.from(code, 'latin1');
  expect(decodeByTable(bytes)).toBe(text);
  expect(decodeHuffman(bytes)).toBe(text);
});
