/**
 * Length in bits of each byte's code, then of the end mark's, in base 36 (RFC 7541, appendix B). The code is canonical: shorter
 * codes come first, and among equally long ones the smaller byte, so the lengths say it all.
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

function build(): Table {
  const lengths = [...LENGTHS].map((digit) => Number.parseInt(digit, 36));
  const symbols = lengths.map((_, symbol) => symbol).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  const ranks: Rank[] = [];
  let first = 0;
  let from = 0;
  for (let length = 0; length <= LONGEST; length++) {
    const count = lengths.filter((one) => one === length).length;
    ranks.push({ first, from, count });
    first = (first + count) * 2;
    from += count;
  }
  return { symbols, ranks };
}

let table: Table | undefined;

/** The text a Huffman-coded string of a header stands for, a character a byte; throws on a code that does not exist. */
export function decodeHuffman(bytes: Uint8Array): string {
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
      if (rank === undefined) throw new Error('a header holds a Huffman code that does not exist');
      if (code - rank.first >= rank.count) continue;
      text += String.fromCharCode(symbols[rank.from + code - rank.first] ?? 0);
      code = 0;
      length = 0;
    }
  }
  // What is left is padding: fewer than 8 bits, all ones (RFC 7541, section 5.2).
  if (length > 7 || code !== 2 ** length - 1) throw new Error('a header ends within a Huffman code');
  return text;
}
