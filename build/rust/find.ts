import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../places.ts';
import { reasonOf, say } from '../say.ts';
import { nativeTarget, type Target } from '../targets.ts';
import { debianRust } from './debian.ts';
import { installedRust, type Programs } from './installed.ts';
import { type Way, waysToRust } from './order.ts';
import { fetchedRust } from './server.ts';
import { tripleOf } from './triple.ts';

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
  const installed = await installedRust(target);
  const { ways, reason } = waysToRust(installed, MINIMUM, target === nativeTarget());
  const reasons = reason === '' ? [] : [reason];
  for (const way of ways) {
    try {
      const found = await rustBy(way, target, installed);
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

async function rustBy(way: Way, target: Target, installed: Programs | undefined): Promise<Rust> {
  if (way === 'server') return fetchedRust(target);
  if (way === 'debian' || installed === undefined) return debianRust(target, MINIMUM);
  return withTriple(installed, tripleOf(target, way === 'installed, musl' ? 'musl' : 'gnu'));
}

const withTriple = ({ cargo, rustc }: Programs, triple: string): Rust => ({
  cargo,
  env: { PATH: `${dirname(rustc)}:${process.env['PATH'] ?? ''}` },
  triple,
});
