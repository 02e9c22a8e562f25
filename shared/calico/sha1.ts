const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;
const BLOCK = 64;

type State = readonly [number, number, number, number, number];

/**
 * SHA-1 (RFC 3174) of a text's UTF-8, in hex: for names, not for secrets. Loading the runtime's own module would cost every
 * call for a pod a millisecond or two.
 */
export function sha1(text: string): string {
  const message = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  let state: State = START;
  for (let at = 0; at < padded.length; at += BLOCK) state = digest(state, new DataView(padded.buffer, at, BLOCK));
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function digest(state: State, block: DataView): State {
  const words: number[] = [];
  let [a, b, c, d, e] = state;
  for (let round = 0; round < 80; round++) {
    const back = (count: number) => words[round - count] ?? 0;
    const word = round < 16 ? block.getUint32(round * 4) : rotate(back(3) ^ back(8) ^ back(14) ^ back(16), 1);
    words.push(word);
    const mixed = rotate(a, 5) + mix(round, b, c, d) + e + word;
    [a, b, c, d, e] = [mixed | 0, a, rotate(b, 30), c, d];
  }
  const [a0, b0, c0, d0, e0] = state;
  return [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0, (e0 + e) | 0];
}

/** The round's function with its constant. */
function mix(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
