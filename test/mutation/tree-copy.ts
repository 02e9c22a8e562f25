import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { CACHE, ROOT } from '../../build/places.ts';

/**
 * Copies the files known to git to `folder`, so that no mutant is ever in the working tree. Packages and tools are
 * shared.
 */
export async function copyTree(folder: string): Promise<readonly string[]> {
  const { stdout } = await execa('git', ['-C', ROOT, 'ls-files']);
  const files = stdout.split('\n');
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file), { verbatimSymlinks: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(CACHE, join(folder, '.cache'));
  return files;
}

/** Runs `work` with `source` in place of a file of the copy, then restores the original. */
export async function withSource<T>(
  place: string,
  original: string,
  source: string,
  work: () => Promise<T>,
): Promise<T> {
  writeFileSync(place, source);
  try {
    return await work();
  } finally {
    writeFileSync(place, original);
  }
}
