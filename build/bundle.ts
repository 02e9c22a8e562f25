import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type OutputChunk, type Plugin } from 'rolldown';
import { LATE_PARTS, PARTS } from './chunks.ts';
import { loadLate } from './late.ts';
import { LIBRARY_SHIMS, PLATFORM_CONDITION } from './library-shims.ts';
import { ROOT } from './places.ts';

/** The version in package.json. */
export const version: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/** A file of the bundle. */
export interface Chunk {
  readonly file: string;
  readonly text: string;
  /** Its sources, relative to the root of the checkout, with the bytes of each in the file. */
  readonly sources: Readonly<Record<string, number>>;
  /** The files that are loaded with it. */
  readonly imports: readonly string[];
}

/** How a test's own build of the product differs. */
export interface Variant {
  /** Relative to the root of the checkout. */
  readonly entry: string;
  readonly plugins: readonly Plugin[];
}

const RELEASE: Variant = { entry: 'plugins/dispatch.ts', plugins: [] };

/** The file that is started. */
export const MAIN = 'calico.mjs';

/** Writes the sources of the executables into few files, so that a call loads only what it needs. Returns them, the main file first. */
export async function bundle(folder: string, { entry, plugins }: Variant = RELEASE): Promise<readonly Chunk[]> {
  const { output } = await build({
    cwd: ROOT,
    input: { calico: entry },
    resolve: { alias: LIBRARY_SHIMS, conditionNames: [PLATFORM_CONDITION, 'import', 'default'] },
    platform: 'neutral',
    plugins: [...plugins],
    transform: { target: 'es2023', define: { __VERSION__: JSON.stringify(version) } },
    preserveEntrySignatures: false,
    checks: { ineffectiveDynamicImport: false },
    output: {
      dir: folder,
      format: 'esm',
      comments: { legal: false, annotation: false, jsdoc: false },
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name].mjs',
      codeSplitting: { groups: groupsOf(entry) },
    },
  });
  const late = LATE_PARTS.map(([name]) => `${name}.mjs`);
  const chunks = loadLate(output.filter((one) => one.type === 'chunk').map(chunkOf), late);
  for (const { file, text } of chunks) writeFileSync(join(folder, file), text);
  return [...chunks].sort((a, b) => Number(b.file === MAIN) - Number(a.file === MAIN));
}

function groupsOf(entry: string) {
  const all = [...LATE_PARTS, ...PARTS];
  return all.map(([name, sources], index) => ({
    name,
    priority: all.length - index,
    includeDependenciesRecursively: index >= LATE_PARTS.length,
    test: (id: string) => {
      const path = relative(ROOT, id);
      return (
        sources.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one)) ||
        (index === LATE_PARTS.length && path === entry)
      );
    },
  }));
}

function chunkOf({ fileName, code, modules, imports }: OutputChunk): Chunk {
  const sources = Object.entries(modules).map(([id, { code: part }]) => [relative(ROOT, id), part?.length ?? 0]);
  return { file: fileName, text: code, sources: Object.fromEntries(sources), imports };
}

/** The npm package that a source is from, if it is from one. */
const packageOf = (path: string): string | undefined => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];

/** Names of the npm packages in the bundle. */
export function bundledPackages(chunks: readonly Chunk[]): readonly string[] {
  const sources = chunks.flatMap((one) => Object.keys(one.sources));
  return [...new Set(sources.flatMap((path) => packageOf(path) ?? []))].sort();
}

/** A chunk's kilobytes by folder or package, largest first. */
export function sizes({ file, text, sources }: Chunk): string {
  const totals = new Map<string, number>();
  for (const [path, size] of Object.entries(sources)) {
    const part = packageOf(path) ?? path.split('/').slice(0, -1).slice(0, 2).join('/');
    totals.set(part, (totals.get(part) ?? 0) + size);
  }
  const parts = [...totals].sort(([, a], [, b]) => b - a).map(([part, size]) => `${part} ${kilobytes(size)}`);
  return `${file} ${kilobytes(text.length)} KB (${parts.join(', ')})`;
}

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
