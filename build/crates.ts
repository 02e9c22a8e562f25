import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Part } from './notices.ts';
import { CRATE, findRust } from './rust/find.ts';
import { say } from './say.ts';
import { nativeTarget } from './targets.ts';

/**
 * `npm run crates`: writes build/host/third-party.json, the crates that the native host is linked with and their licenses, from
 * Cargo.lock. To be run after a change of Cargo.lock; a unit test compares the two.
 */
interface Crate {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly authors: readonly string[];
  readonly manifest_path: string;
}

function partOf(crate: Crate): Part {
  const { name, version, license } = crate;
  return { name, version, license, text: licenseText(crate), purl: `pkg:cargo/${name}@${version}` };
}

/** The JavaScript engine is inside the crate of its bindings. */
function bundledIn({ name, manifest_path }: Crate): readonly Part[] {
  const folder = join(dirname(manifest_path), 'quickjs');
  if (name !== 'rquickjs-sys' || !existsSync(folder)) return [];
  const header = readFileSync(join(folder, 'quickjs.h'), 'utf8');
  const [major, minor, patch] = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`#define QJS_VERSION_${part}\\s+(\\d+)`).exec(header)?.[1],
  );
  const version = `${major}.${minor}.${patch}`;
  const text = readFileSync(join(folder, 'LICENSE'), 'utf8');
  return [{ name: 'quickjs-ng', version, license: 'MIT', text, purl: `pkg:github/quickjs-ng/quickjs@v${version}` }];
}

/** The texts that a crate brings; of a choice of licenses, MIT's or ISC's is taken. */
function licenseText({ license, authors, manifest_path }: Crate): string {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name))
    .sort();
  const short = files.filter((name) => /mit|isc/i.test(name)).slice(0, 1);
  const chosen = license.includes(' OR ') && short.length > 0 ? short : files;
  if (chosen.length > 0) return chosen.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
  if (license !== 'MIT') throw new Error(`${folder} has no license text`);
  return `Copyright (c) ${authors.join(', ')}\n\n${MIT}`;
}

/** For a crate that only names it. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const { cargo, env, triple } = await findRust(nativeTarget());
const options = { cwd: CRATE, env };

const tree = await execa(
  cargo,
  ['tree', '--locked', '--edges', 'normal', '--target', triple, '--prefix', 'none', '--format', '{p}'],
  options,
);
const linked = new Set(tree.stdout.split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));

const metadata = await execa(
  cargo,
  ['metadata', '--locked', '--format-version', '1', '--filter-platform', triple],
  options,
);
const known: readonly Crate[] = JSON.parse(metadata.stdout).packages;
const parts = known
  .filter(({ name, version }) => linked.has(`${name} v${version}`) && name !== 'calico-host')
  .flatMap((crate) => [partOf(crate), ...bundledIn(crate)]);
writeFileSync(join(CRATE, 'third-party.json'), `${JSON.stringify(parts, undefined, 1)}\n`);
say(`${parts.length} parts: ${parts.map(({ name }) => name).join(', ')}`);
