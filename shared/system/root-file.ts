import { closeFile, Open, openFile, readRest, statusOf } from './files.ts';
import { fs } from './node-modules.ts';

/** A small file with state of this host, as it was read. */
export interface RootFile {
  readonly text: string;
  /** When it was written, nanoseconds since 1970. */
  readonly writtenAt: bigint;
}

/** Reads a regular file of at most `limit` bytes. Throws if it is anything else, or does not exist. */
export function readRootFile(path: string, limit: number): RootFile {
  // Neither a link to somewhere else nor a pipe without a writer.
  const fd = openFile(path, Open.read | Open.noLink | Open.neverWait);
  try {
    const status = statusOf(fd);
    if (status?.isFile !== true) throw new Error('not a regular file');
    if (status.size > limit) throw new Error(`${status.size} bytes, the limit is ${limit}`);
    return { text: readRest(fd).toString('utf8'), writtenAt: status.writtenAt };
  } finally {
    closeFile(fd);
  }
}

/** Replaces a file atomically, readable for root only; throws when the disk refuses. */
export function writeRootFile(path: string, draft: string, text: string, flush: boolean): void {
  const { openSync, writeFileSync, fsyncSync, closeSync, renameSync, unlinkSync } = fs();
  const fd = openSync(draft, 'wx', 0o600);
  try {
    // Unlike writeSync, this never stops after a part when the disk is full.
    writeFileSync(fd, text);
    if (flush) fsyncSync(fd);
    renameSync(draft, path);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  } finally {
    closeSync(fd);
  }
}
