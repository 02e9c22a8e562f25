import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crates } from '../../../build/notices.ts';
import { CRATE } from '../../../build/rust/find.ts';

interface Locked {
  readonly name: string;
  readonly version: string;
  readonly source: string | undefined;
  readonly checksum: string | undefined;
}

const field = (block: string, name: string) => new RegExp(`^${name} = "(.*)"$`, 'm').exec(block)?.[1];

/** The packages of Cargo.lock, without the host itself. */
const LOCKED: readonly Locked[] = readFileSync(join(CRATE, 'Cargo.lock'), 'utf8')
  .split('[[package]]\n')
  .slice(1)
  .map((block) => ({
    name: field(block, 'name') ?? '',
    version: field(block, 'version') ?? '',
    source: field(block, 'source'),
    checksum: field(block, 'checksum'),
  }))
  .filter(({ name }) => name !== 'calico-host');

/** Used to build, or on other systems alone: not in the executables. */
const ABSENT = /^(?:cc|find-msvc-tools|r-efi|shlex|wasi|windows[-_].*)$/;

/** Licenses that ask for no more than the notices; the Unlicense asks for nothing. */
const LICENSES =
  /^(?:MIT|ISC|Apache-2\.0|BSD-3-Clause|Unlicense)(?: (?:OR|AND) (?:MIT|ISC|Apache-2\.0|BSD-3-Clause))*$/;

/** Crates that bring threads, another TLS or a second engine. */
const BANNED = /^(?:tokio|async-std|rayon|openssl.*|aws-lc-.*|native-tls|bindgen|webpki-roots|rustls-native-certs)$/;

test('every crate comes from crates.io with its checksum', () => {
  const registry = 'registry+https://github.com/rust-lang/crates.io-index';
  for (const { name, source, checksum } of LOCKED) {
    expect({ name, source }).toEqual({ name, source: registry });
    expect(checksum, name).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('the crates that are linked are those written down, in the locked version: else run `npm run crates`', () => {
  const linked = LOCKED.filter(({ name }) => !ABSENT.test(name)).map(({ name, version }) => `${name} ${version}`);
  const written = crates().map(({ name, version }) => `${name} ${version}`);
  expect(written.filter((one) => !one.startsWith('quickjs-ng ')).sort()).toEqual(linked.sort());
});

test('every part has a license that we may pass on, and its text', () => {
  for (const { name, license, text } of crates()) {
    expect({ name, license }).toEqual({ name, license: expect.stringMatching(LICENSES) });
    expect(text.length, name).toBeGreaterThan(500);
  }
});

test('no crate brings threads, another TLS or its own certificates', () => {
  expect(LOCKED.map(({ name }) => name).filter((name) => BANNED.test(name))).toEqual([]);
});
