import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { unpackedTogether } from './debian-together.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';

/** The directories, for PATH, of Debian's BIRD 1.6 (`bird`, `bird6`, `birdc`, `birdc6`) and BIRD 2 (`bird`, `birdc`). */
export interface Birds {
  readonly 1: string;
  readonly 2: string;
}

export const findBirds = async (): Promise<Birds> => ({
  1: await findBird('bird', ['bird', 'bird6', 'birdc', 'birdc6']),
  2: await findBird('bird2', ['bird', 'birdc']),
});

/** Scripts that run the unpacked programs with their own libraries. */
async function findBird(name: string, programs: readonly string[]): Promise<string> {
  const place = join(CACHE, `${name}-programs`);
  if (existsSync(place)) return place;
  const { root, libraries } = await unpackedTogether([name]);
  await inWorkFolder(async (work) => {
    const here = (path: string) => `$(dirname "$0")/${relative(place, path)}`;
    for (const program of programs) {
      const script = `#!/bin/sh\nLD_LIBRARY_PATH="${here(libraries)}" exec "${here(join(root, 'usr/sbin', program))}" "$@"\n`;
      writeFileSync(join(work, program), script, { mode: 0o755 });
    }
    settle(work, place);
  });
  return place;
}
