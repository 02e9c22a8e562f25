import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { ROOT } from './places.ts';

/** The version in package.json. */
export const version: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/** What a test's own build of the product differs in. */
export interface Variant {
  /** Below the root of the checkout. */
  readonly entry: string;
  readonly plugins: Plugin[];
}

const RELEASE: Variant = { entry: 'plugins/dispatch.ts', plugins: [] };

/** All that the executables are made of as one file, which Bun and Node >= 20 both run; answers what went into it. */
export async function bundle(outfile: string, { entry, plugins }: Variant = RELEASE): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    plugins,
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    define: { __VERSION__: JSON.stringify(version) },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** Names of the npm packages in the bundle. */
export function bundledPackages(metafile: Metafile): readonly string[] {
  const names = Object.keys(metafile.inputs).flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}

/** Kilobytes in the bundle by top-level folder or package, biggest first. */
export function sizes(metafile: Metafile): string {
  const output = Object.values(metafile.outputs)[0];
  const totals = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const part =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/').slice(0, -1).slice(0, 2).join('/');
    totals.set(part, (totals.get(part) ?? 0) + bytesInOutput);
  }
  const parts = [...totals].sort(([, a], [, b]) => b - a).map(([part, bytes]) => `${part} ${kilobytes(bytes)}`);
  return `${kilobytes(output?.bytes ?? 0)} KB (${parts.join(', ')})`;
}

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
