import { join } from 'node:path';
import { execa } from 'execa';
import { advisories } from './advisories.ts';
import { findHost } from './host-program.ts';
import { crates } from './notices.ts';
import { CACHE, ROOT } from './places.ts';
import { cCompiler } from './rust/c-compiler.ts';
import { CRATE, findRust, type Rust } from './rust/find.ts';
import { run } from './sandbox.ts';
import { reasonOf, say } from './say.ts';
import { nativeTarget } from './targets.ts';

/** `npm run host`: format, lint and tests of the native host, and what is known of its crates. Stops at the first failure. */
const CARGO = [
  ['fmt', '--check'],
  ['clippy', '--all-targets', '--', '-D', 'warnings'],
  ['test', '--quiet'],
];
/** The crates themselves (licenses, sources, which are refused) are checked offline, as a unit test. */
const CRATES = ['run', '--configLoader=runner', '--config=test/vitest.config.ts', 'test/unit/build/crates.test.ts'];

/** Cargo's checks, as far as they are installed: format and lint are parts of their own. */
async function cargoChecks({ cargo, env: ofRust, triple }: Rust): Promise<boolean> {
  const env = { ...ofRust, ...(await cCompiler(nativeTarget(), triple, ofRust['PATH'])) };
  const options = { cwd: CRATE, env: { ...env, CARGO_TARGET_DIR: join(CACHE, 'host/checks') }, reject: false } as const;
  for (const [name = '', ...words] of CARGO) {
    const there = await execa(cargo, [name, '--help'], options);
    if (there.exitCode !== 0) {
      say(`cargo ${name} is not installed: skipped`);
      continue;
    }
    say(`cargo ${name} …`);
    const where = name === 'fmt' ? [] : ['--locked', '--target', triple];
    const { exitCode } = await execa(cargo, [name, ...where, ...words], { ...options, stdio: ['ignore', 2, 2] });
    if (exitCode !== 0) return false;
  }
  return true;
}

async function hasNoAdvisories(): Promise<boolean> {
  try {
    const found = await advisories(crates().filter(({ purl }) => purl.startsWith('pkg:cargo/')));
    for (const one of found) say(one);
    say(`${found.length} crates have known vulnerabilities`);
    return found.length === 0;
  } catch (error) {
    say(`Known vulnerabilities are not looked up: ${reasonOf(error)}`);
    return true;
  }
}

/** Cargo's checks on the Rust that would build the host. A machine without one has only the other checks. */
async function withRust(): Promise<boolean> {
  const rust = await findRust(nativeTarget()).catch((error: unknown) => void say(reasonOf(error)));
  return rust === undefined || (await cargoChecks(rust));
}

const passes = async (...command: readonly string[]) => (await run(command)) === 0;

const isGood =
  (await withRust()) &&
  (await passes(await findHost(), 'run', join(CRATE, 'test/main.mjs'))) &&
  (await passes(join(ROOT, 'node_modules/.bin/vitest'), ...CRATES)) &&
  (await hasNoAdvisories());
process.exitCode = isGood ? 0 : 1;
