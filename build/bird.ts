import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpackedTogether } from './debian-together.ts';
import { writeScripts } from './own-libraries.ts';
import { CACHE } from './places.ts';

/** The directories, for PATH, of Debian's BIRD 1.6 (`bird`, `bird6`, `birdc`, `birdc6`) and BIRD 2 (`bird`, `birdc`). */
export interface Birds {
  readonly 1: string;
  readonly 2: string;
}

export const findBirds = async (): Promise<Birds> => ({
  1: await findBird('bird', ['bird', 'bird6', 'birdc', 'birdc6']),
  2: await findBird('bird2', ['bird', 'birdc']),
});

async function findBird(name: string, programs: readonly string[]): Promise<string> {
  const place = join(CACHE, `${name}-programs`);
  if (existsSync(place)) return place;
  const { root, libraries } = await unpackedTogether([name]);
  const scripts = programs.map((each) => [each, { path: join(root, 'usr/sbin', each), libraries: [libraries] }]);
  await writeScripts(place, Object.fromEntries(scripts));
  return place;
}
