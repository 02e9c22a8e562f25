import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root of the checkout. */
export const ROOT = dirname(import.meta.dirname);
/** The built executables. */
export const DIST = join(ROOT, 'dist');
/** Downloads and builds that are worth keeping. Not in git. */
export const CACHE = join(ROOT, '.cache');

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Runs `work` with a temporary directory, which is removed afterwards. `parent` is on the file system where the result
 * will stay.
 */
export async function inWorkFolder<T>(work: (folder: string) => Promise<T>, parent = CACHE): Promise<T> {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'work-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Moves a finished file or directory to its place in one step. Of two concurrent runs, the first one's directory
 * stays.
 */
export function settle(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  }
}
