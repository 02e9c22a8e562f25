import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findGo, installPrograms } from './go.ts';
import { CACHE } from './places.ts';
import { say } from './say.ts';

const PROGRAM = 'github.com/containernetworking/cni/cnitool';
/** Newest first: an older Go cannot build the newest. */
const VERSIONS = ['v1.3.1', 'v1.3.0', 'v1.2.3', 'v1.1.2'];
const FOLDER = join(CACHE, 'cnitool');

/** The reference runtime's command, built with the installed Go, else with Debian's. Undefined if neither works. */
export async function findCnitool(): Promise<string | undefined> {
  const there = existsSync(FOLDER) ? readdirSync(FOLDER)[0] : undefined;
  if (there !== undefined) return join(FOLDER, there, 'cnitool');
  const go = await findGo();
  const built = go === undefined ? undefined : await build(go);
  if (built === undefined) say('cnitool cannot be built here: its tests are skipped');
  return built;
}

async function build(go: string): Promise<string | undefined> {
  for (const version of VERSIONS) {
    say(`Building cnitool ${version} with ${go} …`);
    const place = join(FOLDER, version);
    if (!(await installPrograms(go, [PROGRAM], version, place))) continue;
    if (!version.startsWith('v1.3.'))
      say(`cnitool ${version} does not support CNI 1.1.0: README's walk to the first pod is not tested`);
    return join(place, 'cnitool');
  }
  return undefined;
}
