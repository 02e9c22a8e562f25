import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crates } from '../../../build/notices.ts';
import { tools } from '../../../build/tools.ts';

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly expression: string }[];
}

const built = (name: string) => readFileSync(join(tools().bin, name), 'utf8');

test('every package bundled in the executable is in its bill of materials and notices, in the locked version', () => {
  // The bundler puts each file's path before its code, so the executable itself shows what it contains.
  const bundles = readdirSync(tools().bin).filter((name) => name.endsWith('.mjs'));
  const code = bundles.map(built).join('\n');
  const paths = code.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm);
  const names = new Set([...paths].map(([, name = '']) => name));
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const components: readonly Component[] = JSON.parse(built('sbom.json')).components;
  const notices = built('THIRD-PARTY-NOTICES.txt');
  expect([...names].sort()).not.toEqual([]);
  for (const name of names) {
    const { version, license } = packages[`node_modules/${name}`];
    const purl = `pkg:npm/${name}@${version}`;
    expect(components, name).toContainEqual(
      expect.objectContaining({ name, version, purl, licenses: [{ expression: license }] }),
    );
    expect(notices).toContain(`${name} ${version} (${license})\n`);
  }
  const native = crates().map(({ name }) => name);
  expect(components.map(({ name }) => name)).toEqual([...[...names].sort(), ...native]);
  for (const { name, version, license } of crates()) expect(notices).toContain(`${name} ${version} (${license})\n`);
});
