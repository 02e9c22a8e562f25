import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { onPath } from '../on-path.ts';
import { ROOT } from '../places.ts';
import { reasonOf, say } from '../say.ts';
import type { Target } from '../targets.ts';
import { debianRust } from './debian.ts';
import { fetchedRust } from './server.ts';
import { tripleOf } from './triple.ts';
import { isAtLeast, versionOf } from './version.ts';

/** A Rust that can build for one target. */
export interface Rust {
  readonly cargo: string;
  /** What cargo needs in its environment to find its parts. */
  readonly env: Readonly<Record<string, string>>;
  /** Rust's name of the target. */
  readonly triple: string;
}

/** The crate of the native host. */
export const CRATE = join(ROOT, 'build/host');

/** The oldest Rust that builds it. */
const MINIMUM = /^rust-version = "(.*)"$/m.exec(readFileSync(join(CRATE, 'Cargo.toml'), 'utf8'))?.[1] ?? '';

/** The Rust of this machine, else a fixed version of Rust's own, else Debian's. Throws with what to install. */
export async function findRust(target: Target): Promise<Rust> {
  const reasons: string[] = [];
  for (const attempt of [installedRust, fetchedRust, debianRust]) {
    try {
      const found = await attempt(target, MINIMUM);
      if (reasons.length > 0) say(`${reasons.join('; ')}: building with ${found.cargo}`);
      if (!found.triple.endsWith('-musl')) say('It cannot build static executables: these are for this machine alone');
      return found;
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  const wanted = `Rust ${MINIMUM} or newer with its target ${tripleOf(target, 'musl')} (https://rustup.rs)`;
  throw new Error(
    `Cannot build the executables: ${reasons.join('; ')}. Install ${wanted}, or set CALICO_HOST to a built host`,
  );
}

/** What is installed. Throws where it cannot be used. */
async function installedRust(target: Target): Promise<Rust> {
  const [cargo, rustc, triple] = [onPath('cargo'), onPath('rustc'), tripleOf(target, 'musl')];
  if (cargo === undefined || rustc === undefined) throw new Error('No Rust is installed');
  const version = await versionOf(rustc);
  if (!isAtLeast(version, MINIMUM)) throw new Error(`The installed Rust ${version} is older than ${MINIMUM}`);
  if (!(await hasLibrary(rustc, triple))) throw new Error(`The installed Rust has no library for ${triple}`);
  return { cargo, env: { PATH: `${dirname(rustc)}:${process.env['PATH'] ?? ''}` }, triple };
}

async function hasLibrary(rustc: string, triple: string): Promise<boolean> {
  const { stdout } = await execa(rustc, ['--print', 'target-libdir', '--target', triple], { reject: false });
  const folder = String(stdout).trim();
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('libstd-'));
}
