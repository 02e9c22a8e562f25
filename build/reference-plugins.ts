import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findGo, installPrograms } from './go.ts';
import { CACHE } from './places.ts';
import { say } from './say.ts';

const MODULE = 'github.com/containernetworking/plugins/plugins';
const VERSION = 'v1.9.1';
const PLUGINS = ['ipam/host-local', 'main/loopback', 'meta/bandwidth', 'meta/portmap', 'meta/tuning'];
const PLACE = join(CACHE, `reference-plugins/${VERSION}`);

/**
 * The directory of reference plugins that support CNI 1.1.0, unlike distributions' packages. Undefined if they cannot
 * be built.
 */
export async function findNewPlugins(): Promise<string | undefined> {
  if (existsSync(PLACE)) return PLACE;
  const go = await findGo();
  if (go !== undefined) say(`Building the reference plugins ${VERSION} with ${go}, once …`);
  const programs = PLUGINS.map((name) => `${MODULE}/${name}`);
  if (go !== undefined && (await installPrograms(go, programs, VERSION, PLACE))) return PLACE;
  say(`The reference plugins ${VERSION} cannot be built here: tests of chains with CNI 1.1.0 are skipped`);
  return undefined;
}
