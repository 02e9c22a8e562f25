import { joinBytes } from '../../shared/bytes/join.ts';
import { utf8 } from '../../shared/bytes/text.ts';

/** A file of an archive. */
export interface TarFile {
  /** At most 100 bytes. */
  readonly path: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;

/** An archive (ustar) of files that only their owner, root, may read. `at`: seconds since 1970. */
export function tar(files: readonly TarFile[], at: number): Uint8Array {
  const parts = files.flatMap(({ path, content }) => [
    header(path, content.length, at),
    content,
    new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return joinBytes([...parts, new Uint8Array(2 * BLOCK)]);
}

function header(path: string, size: number, at: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, from: number) => block.set(utf8(text), from);
  const octal = (value: number, from: number, length: number) => put(value.toString(8).padStart(length - 1, '0'), from);
  put(path, 0);
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(at, 136, 12);
  put('0', 156);
  put('ustar\0' + '00', 257);
  put('root', 265);
  put('root', 297);
  // The sum of all bytes, for which its own field counts as spaces.
  block.fill(32, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
