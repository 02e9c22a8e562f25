import { createHash } from 'node:crypto';
import { existsSync, linkSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Plugin } from 'rolldown';
import { bundle, type Chunk, MAIN } from '../../build/bundle.ts';
import { CACHE, inWorkFolder, settle } from '../../build/places.ts';
import { tools } from '../../build/tools.ts';

const HOOK = join(import.meta.dirname, 'hook');
/** Sources of the product by the end of their path, and their replacements. */
const REPLACED: Readonly<Record<string, string>> = {
  '/libc.ts': 'kernel.ts',
  '/node-modules.ts': 'node-modules.ts',
};
const PREFIX = 'fault-build-';

/** Makes the product's unchanged sources import the watched modules. */
const watching: Plugin = {
  name: 'watched modules',
  resolveId: (path, importer = '') => {
    const replaced = REPLACED[path.slice(path.lastIndexOf('/'))];
    return replaced === undefined || importer.startsWith(HOOK) ? undefined : join(HOOK, replaced);
  },
};

/** The text of a bundle. */
export const textOf = (chunks: readonly Chunk[]): string => chunks.map(({ text }) => text).join('');

/** The source of the fault build: the release's sources, with the modules that do I/O replaced. */
export async function bundleFaulty(folder: string): Promise<string> {
  return textOf(await bundle(folder, { entry: 'test/faults/hook/calico.ts', plugins: [watching] }));
}

/** No run that may still use it lasts this long. */
const OLD_MS = 3 * 60 * 60_000;

const isOld = (folder: string): boolean => Date.now() - statSync(folder).mtimeMs > OLD_MS;

/** Path of the fault build's `calico`, built unless it exists for the current sources. */
export async function faultBuild(): Promise<string> {
  return inWorkFolder(async (work) => {
    const text = await bundleFaulty(work);
    const folder = join(CACHE, PREFIX + createHash('sha256').update(text).digest('hex').slice(0, 16));
    if (existsSync(folder)) return join(folder, 'calico');
    for (const old of readdirSync(CACHE).filter((name) => name.startsWith(PREFIX) && isOld(join(CACHE, name)))) {
      rmSync(join(CACHE, old), { recursive: true, force: true });
    }
    const options = [
      '--compile',
      '--bytecode',
      '--format=esm',
      '--splitting',
      `--outfile=${join(work, 'made/calico')}`,
    ];
    await execa(tools().bun, ['build', ...options, join(work, MAIN)], { cwd: work });
    linkSync(join(work, 'made/calico'), join(work, 'made/calico-ipam'));
    settle(join(work, 'made'), folder);
    return join(folder, 'calico');
  });
}
