import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { bundle, type Chunk } from '../../build/bundle.ts';
import { pack } from '../../build/executables.ts';
import { CACHE, inWorkFolder, settle } from '../../build/places.ts';
import { tools } from '../../build/tools.ts';

const HOOK = join(import.meta.dirname, 'hook');
const PREFIX = 'fault-build-';

/** Makes the product's unchanged sources import the watched platform. */
const watching: Plugin = {
  name: 'watched platform',
  resolveId: (path) => (path === '#platform' ? join(HOOK, 'platform.ts') : undefined),
};

/** The text of a bundle. */
export const textOf = (chunks: readonly Chunk[]): string => chunks.map(({ text }) => text).join('');

/** The source of the fault build: the release's sources, with the platform replaced. */
export const bundleFaulty = (folder: string): Promise<readonly Chunk[]> =>
  bundle(folder, { entry: 'test/faults/hook/calico.ts', plugins: [watching] });

/** No run that may still use it lasts this long. */
const OLD_MS = 3 * 60 * 60_000;

const isOld = (folder: string): boolean => Date.now() - statSync(folder).mtimeMs > OLD_MS;

/** Path of the fault build's `calico`, built unless it exists for the current sources. */
export async function faultBuild(): Promise<string> {
  return inWorkFolder(async (work) => {
    const { host } = tools();
    const chunks = await bundleFaulty(work);
    const hash = createHash('sha256').update(textOf(chunks)).update(readFileSync(host));
    const folder = join(CACHE, PREFIX + hash.digest('hex').slice(0, 16));
    if (existsSync(folder)) return join(folder, 'calico');
    for (const old of readdirSync(CACHE).filter((name) => name.startsWith(PREFIX) && isOld(join(CACHE, name)))) {
      rmSync(join(CACHE, old), { recursive: true, force: true });
    }
    mkdirSync(join(work, 'made'));
    await pack(work, chunks, join(work, 'made/calico'), host);
    linkSync(join(work, 'made/calico'), join(work, 'made/calico-ipam'));
    settle(join(work, 'made'), folder);
    return join(folder, 'calico');
  });
}
