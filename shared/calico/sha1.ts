const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;
const BLOCK = 64;

type State = readonly [number, number, number, number, number];

/**
 * SHA-1 (RFC 3174) of a text's UTF-8, in hex: for names, not for secrets. Loading the runtime's own module would cost every
 * call for a pod a millisecond or two.
 */
export function sha1(text: string): string {
  const message = Buffer.from(text);
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  let state: State = START;
  for (let at = 0; at < padded.length; at += BLOCK) state = digest(state, view, at);
  let digits = '';
  for (const word of state) digits += (word >>> 0).toString(16).padStart(8, '0');
  return digits;
}

/** All in one loop, since every call of a plugin comes here and no function of it is compiled by then. */
function digest(state: State, view: DataView, at: number): State {
  const words = new Int32Array(80);
  let [a, b, c, d, e] = state;
  for (let round = 0; round < 80; round++) {
    const earlier =
      (words[round - 3] ?? 0) ^ (words[round - 8] ?? 0) ^ (words[round - 14] ?? 0) ^ (words[round - 16] ?? 0);
    const word = round < 16 ? view.getInt32(at + round * 4) : (earlier << 1) | (earlier >>> 31);
    words[round] = word;
    const mixed = (((a << 5) | (a >>> 27)) + mix(round, b, c, d) + e + word) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = mixed;
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
