import { closeFile, Open, openFile, readRest, statusOf } from './files.ts';
import { fs } from './node-modules.ts';

/** A small file of this host's own state, as it was found. */
export interface RootFile {
  readonly text: string;
  /** When it was written, nanoseconds since 1970. */
  readonly writtenAt: bigint;
}

/** Reads a regular file of at most `limit` bytes, whatever stands at the path; throws for anything else, and for nothing. */
export function readRootFile(path: string, limit: number): RootFile {
  // Neither a link that leads elsewhere nor a pipe that nobody writes to.
  const fd = openFile(path, Open.read | Open.noLink | Open.neverWait);
  try {
    const status = statusOf(fd);
    if (status?.isFile !== true) throw new Error('not a regular file');
    if (status.size > limit) throw new Error(`${status.size} bytes are more than ${limit}`);
    return { text: readRest(fd).toString('utf8'), writtenAt: status.writtenAt };
  } finally {
    closeFile(fd);
  }
}

/** Puts a file in its place whole, for root alone, and replaces what stood there; throws when the disk refuses. */
export function writeRootFile(path: string, draft: string, text: string, flush: boolean): void {
  const { openSync, writeFileSync, fsyncSync, closeSync, renameSync, unlinkSync } = fs();
  const fd = openSync(draft, 'wx', 0o600);
  try {
    // Unlike writeSync, this does not take a part for the whole when the disk is full.
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
