import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { ROOT } from './places.ts';

/** The version in package.json. */
export const version: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/** A bundle: its file, and what went into it. */
export interface Bundle {
  readonly file: string;
  readonly metafile: Metafile;
}

/** What a test's own build of the product differs in. */
export interface Variant {
  /** Below the root of the checkout. */
  readonly entry: string;
  readonly plugins: readonly Plugin[];
}

const RELEASE: Variant = { entry: 'plugins/dispatch.ts', plugins: [] };

/** The file that holds every plugin; nothing but this is loaded to serve a container. */
export const MAIN = 'calico.mjs';

/** What few calls need, which the others do not pay for (1.4 ms for the YAML library): bundles of their own. */
const LATER = ['ctl/main.ts', 'ctl/install/main.ts', 'shared/kubernetes/full-yaml.ts'];

/**
 * All that the executables are made of, for Bun and Node >= 20 alike: one file for the plugins, and one for each of what is
 * loaded later. What these share with the plugins they have a copy of, so that the plugins stay one module.
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

/** Leaves these imports as they are, pointed at bundles beside: ../ctl/main.ts becomes ./ctl-main.mjs. */
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

/** Kilobytes in a bundle by top-level folder or package, biggest first. */
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
