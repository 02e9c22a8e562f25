import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findGo, installPrograms } from './go.ts';
import { CACHE } from './places.ts';
import { say } from './say.ts';

const PROGRAM = 'github.com/containernetworking/cni/cnitool';
const VERSION = 'v1.3.1';
const PLACE = join(CACHE, 'cnitool', VERSION);

/** The reference runtime's command. Undefined if it cannot be built. */
export async function findCnitool(): Promise<string | undefined> {
  const program = join(PLACE, 'cnitool');
  if (existsSync(program)) return program;
  const go = await findGo();
  if (go !== undefined) say(`Building cnitool ${VERSION} with ${go} …`);
  if (go !== undefined && (await installPrograms(go, [PROGRAM], VERSION, PLACE))) return program;
  say('cnitool cannot be built here: its tests are skipped');
  return undefined;
}
