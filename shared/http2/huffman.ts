import { fromLatin1 } from '../bytes/text.ts';

/**
 * The length in bits of each byte's code, then of the end mark's, in base 36 (RFC 7541, appendix B). The code is canonical:
 * shorter codes come first, and among codes of one length the smaller byte, so the lengths define it completely.
 */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f5656566657766' +
  '6567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqq' +
  'srrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu';

const LONGEST = 30;

/** Per length: the first code, where its symbols begin, and how many there are. */
interface Rank {
  readonly first: number;
  readonly from: number;
  readonly count: number;
}

interface Table {
  readonly symbols: readonly number[];
  readonly ranks: readonly Rank[];
}

/** Built by counting, in two passes: most processes that need it decode a single header. */
function build(): Table {
  const counts = new Array<number>(LONGEST + 1).fill(0);
  const lengthOf = (symbol: number) => Number.parseInt(LENGTHS.charAt(symbol), 36);
  for (let symbol = 0; symbol < LENGTHS.length; symbol++) {
    const length = lengthOf(symbol);
    counts[length] = (counts[length] ?? 0) + 1;
  }
  const ranks: Rank[] = [];
  const places: number[] = [];
  let first = 0;
  let from = 0;
  for (const count of counts) {
    ranks.push({ first, from, count });
    places.push(from);
    first = (first + count) * 2;
    from += count;
  }
  const symbols: number[] = [];
  for (let symbol = 0; symbol < LENGTHS.length; symbol++) {
    const length = lengthOf(symbol);
    const place = places[length] ?? 0;
    symbols[place] = symbol;
    places[length] = place + 1;
  }
  return { symbols, ranks };
}

let table: Table | undefined;

/** The headers of every usual answer, by their codes: when there are no others, no table has to be built. */
export const USUAL = new Map([
  ['\x1d\x75\xd0\x62\x0d\x26\x3d\x4c\x4d\x65\x64', 'application/grpc'],
  ['\x9a\xca\xc8\xb2\x12\x34\xda\x8f', 'grpc-status'],
  ['\x9a\xca\xc8\xb5\x25\x42\x07\x31\x7f', 'grpc-message'],
]);

/** Decodes a Huffman-coded header string, one character per byte; throws on an invalid code. */
export function decodeHuffman(bytes: Uint8Array): string {
  return USUAL.get(fromLatin1(bytes)) ?? decodeByTable(bytes);
}

/** The same for any text. */
export function decodeByTable(bytes: Uint8Array): string {
  table ??= build();
  const { symbols, ranks } = table;
  let text = '';
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length++;
      const rank = ranks[length];
      if (rank === undefined) throw new Error('a header contains an invalid Huffman code');
      if (code - rank.first >= rank.count) continue;
      text += String.fromCharCode(symbols[rank.from + code - rank.first] ?? 0);
      code = 0;
      length = 0;
    }
  }
  // The rest is padding: fewer than 8 bits, all ones (RFC 7541, section 5.2).
  if (length > 7 || code !== 2 ** length - 1) throw new Error('a header ends within a Huffman code');
  return text;
}
