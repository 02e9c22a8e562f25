import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUN_COMPONENTS } from './bun-components.ts';
import { bundledPackages, type Chunk, version } from './bundle.ts';
import { ROOT } from './places.ts';
import { bunVersion, type Target } from './targets.ts';

const BUN_SOURCE = 'https://github.com/oven-sh/bun';
const RULE = `\n${'-'.repeat(78)}\n`;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

function readPackage(name: string): Package {
  const folder = join(ROOT, 'node_modules', name);
  const facts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`npm package ${name} would go into the executables without a license text`);
  return { name, version: facts.version, license: facts.license, text: readFileSync(join(folder, file), 'utf8') };
}

/** The third-party parts of the executables, and their licenses. */
export function notices(chunks: readonly Chunk[]): string {
  const packages = bundledPackages(chunks).map(readPackage);
  const parts = packages.map(
    ({ name, version: its, license, text }) => `${name} ${its} (${license})\n\n${text.trim()}\n`,
  );
  const linked = BUN_COMPONENTS.map(([name, license, source]) => `  ${name}: ${license}, ${source}`);
  const bun = [
    `Bun ${bunVersion} (MIT), ${BUN_SOURCE}`,
    '',
    'The runtime in the executables is Bun as published on npm; in it, the names of its environment switches are',
    'overwritten. With it are linked:',
    '',
    ...linked,
    '',
    'JavaScriptCore and tinycc are under the LGPL: to put a changed version in their place, build Bun from its source with',
    'it, set node_modules/@oven/bun-linux-*/bin/bun to the result and run `npm run build`.',
    '',
  ];
  return ['The executables hold the following works of others.\n', ...parts, bun.join('\n')].join(RULE);
}

/** CycloneDX 1.5: the components of a target's executables. */
export function billOfMaterials(chunks: readonly Chunk[], target: Target): unknown {
  const packages = bundledPackages(chunks).map(readPackage);
  const libraries = packages.map(({ name, version: its, license }) =>
    component('library', name, its, license, `pkg:npm/${name}@${its}`),
  );
  const bun = component('platform', 'bun', bunVersion, 'MIT', `pkg:npm/%40oven/${target.bun}@${bunVersion}`);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: component('application', 'calico-cni-ts', version, 'Apache-2.0', `pkg:npm/calico-cni-ts@${version}`),
    },
    components: [...libraries, { ...bun, components: BUN_COMPONENTS.map(linkedComponent) }],
  };
}

function component(type: string, name: string, its: string, license: string, purl: string) {
  return { type, 'bom-ref': purl, name, version: its, licenses: [{ expression: license }], purl };
}

function linkedComponent([name, license, source]: (typeof BUN_COMPONENTS)[number]) {
  const externalReferences = [{ type: 'vcs', url: source }];
  return { type: 'library', name, licenses: [{ expression: license }], externalReferences };
}
