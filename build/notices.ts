import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages, type Chunk, version } from './bundle.ts';
import { ROOT } from './places.ts';
import { CRATE } from './rust/find.ts';

const RULE = `\n${'-'.repeat(78)}\n`;

/** A third-party part of the executables. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** The texts of its licenses. */
  readonly text: string;
  readonly purl: string;
}

/** What the native host is linked with, as build/crates.ts has written it down. */
export const crates = (): readonly Part[] => JSON.parse(readFileSync(join(CRATE, 'third-party.json'), 'utf8'));

function readPackage(name: string): Part {
  const folder = join(ROOT, 'node_modules', name);
  const { version: its, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`npm package ${name} would go into the executables without a license text`);
  return {
    name,
    version: its,
    license,
    text: readFileSync(join(folder, file), 'utf8'),
    purl: `pkg:npm/${name}@${its}`,
  };
}

const partsOf = (chunks: readonly Chunk[]) => [...bundledPackages(chunks).map(readPackage), ...crates()];

/** The third-party parts of the executables, and their licenses. */
export function notices(chunks: readonly Chunk[]): string {
  const parts = partsOf(chunks).map(
    (part) => `${part.name} ${part.version} (${part.license})\n\n${part.text.trim()}\n`,
  );
  return ['The executables hold the following works of others.\n', ...parts].join(RULE);
}

/** CycloneDX 1.5: the components of the executables. */
export function billOfMaterials(chunks: readonly Chunk[]): unknown {
  const product = { name: 'calico-cni-ts', version, license: 'Apache-2.0', purl: `pkg:npm/calico-cni-ts@${version}` };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: component('application', product) },
    components: partsOf(chunks).map((part) => component('library', part)),
  };
}

function component(type: string, { name, version: its, license, purl }: Omit<Part, 'text'>) {
  return { type, 'bom-ref': purl, name, version: its, licenses: [{ expression: license }], purl };
}
