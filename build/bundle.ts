import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { ROOT } from './places.ts';

/** The version in package.json. */
export const version: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/** A bundle: its file and its inputs. */
export interface Bundle {
  readonly file: string;
  readonly metafile: Metafile;
}

/** How a test's own build of the product differs. */
export interface Variant {
  /** Relative to the root of the checkout. */
  readonly entry: string;
  readonly plugins: readonly Plugin[];
}

const RELEASE: Variant = { entry: 'plugins/dispatch.ts', plugins: [] };

/** The file with all plugins. Nothing else is loaded to serve a container. */
export const MAIN = 'calico.mjs';

/**
 * Separate bundles for what few calls need, so that the other calls do not pay for it (1.4 ms for the YAML library).
 */
const LATER = ['ctl/main.ts', 'ctl/install/main.ts', 'shared/kubernetes/full-yaml.ts'];

/**
 * The parts of the executables, for Bun and Node >= 20 alike: one file for the plugins, and one for each part that is
 * loaded later. Those have copies of the code they share with the plugins, so that the plugins stay one module.
 */
export async function bundle(folder: string, { entry, plugins }: Variant = RELEASE): Promise<readonly Bundle[]> {
  const later = new Map<string, string>();
  const main = await bundleOne(entry, join(folder, MAIN), [...plugins, loadedLater(later)]);
  const others = [...later].map(([source, name]) => bundleOne(source, join(folder, name), []));
  return [main, ...(await Promise.all(others))];
}

async function bundleOne(entry: string, outfile: string, plugins: Plugin[]): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
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
    plugins,
  });
  return { file: basename(outfile), metafile };
}

/** Leaves these imports unbundled and points them at the bundles beside: ../ctl/main.ts becomes ./ctl-main.mjs. */
function loadedLater(found: Map<string, string>): Plugin {
  return {
    name: 'loaded later',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\.\.?\// }, ({ path, kind, resolveDir }) => {
        const source = join(resolveDir, path);
        const place = relative(ROOT, source);
        if (kind !== 'dynamic-import' || !LATER.includes(place)) return undefined;
        const name = `${place.replace(/\.ts$/, '').replaceAll('/', '-')}.mjs`;
        found.set(source, name);
        return { path: `./${name}`, external: true };
      });
    },
  };
}

/** Names of the npm packages in the bundles. */
export function bundledPackages(bundles: readonly Bundle[]): readonly string[] {
  const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const names = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** Kilobytes in a bundle by top-level folder or package, largest first. */
export function sizes({ file, metafile }: Bundle): string {
  const output = Object.values(metafile.outputs)[0];
  const totals = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const part =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/').slice(0, -1).slice(0, 2).join('/');
    totals.set(part, (totals.get(part) ?? 0) + bytesInOutput);
  }
  const parts = [...totals].sort(([, a], [, b]) => b - a).map(([part, bytes]) => `${part} ${kilobytes(bytes)}`);
  return `${file} ${kilobytes(output?.bytes ?? 0)} KB (${parts.join(', ')})`;
}

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
