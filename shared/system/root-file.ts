import { platform } from '#platform';
import { fromUtf8, utf8 } from '../bytes/text.ts';
import { closeFile, Open, openFile, readInto, type Status, statusOf, writeWhole } from './files.ts';

/** A small file with state of this host, as it was read. */
export interface RootFile {
  readonly text: string;
  /** When it was written, nanoseconds since 1970. */
  readonly writtenAt: bigint;
  readonly status: Status;
}

/** Reads a regular file of at most `limit` bytes. Throws if it is anything else, or does not exist. */
export function readRootFile(path: string, limit: number): RootFile {
  // Neither a link to somewhere else nor a pipe without a writer.
  const fd = openFile(path, Open.read | Open.noLink | Open.neverWait);
  try {
    const status = statusOf(fd);
    if (status?.isFile !== true) throw new Error('not a regular file');
    if (status.size > limit) throw new Error(`${status.size} bytes, the limit is ${limit}`);
    return { text: fromUtf8(readWhole(fd, Number(status.size))), writtenAt: status.writtenAt, status };
  } finally {
    closeFile(fd);
  }
}

/** With one system call: such files are replaced, and never grow. */
function readWhole(fd: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size + 1);
  const length = readInto(fd, bytes);
  if (length > size) throw new Error('something is writing to it');
  return bytes.subarray(0, length);
}

/** Replaces a file atomically, readable for root only; throws when the disk refuses. */
export function writeRootFile(path: string, draft: string, text: string, flush: boolean): void {
  const fd = openFile(draft, Open.create, 0o600);
  try {
    writeWhole(fd, utf8(text));
    if (flush) platform.fsync(fd);
    platform.rename(draft, path);
  } catch (error) {
    platform.unlink(draft);
    throw error;
  } finally {
    closeFile(fd);
  }
}
