import { join } from 'node:path';
import { unpackedTogether } from '../debian-together.ts';
import type { Target } from '../targets.ts';
import type { Rust } from './find.ts';
import { versionOf } from './installed.ts';
import { isAtLeast } from './order.ts';
import { tripleOf } from './triple.ts';

/** Debian's packages for building web browsers, which are newer than its other Rust. */
const PACKAGES = ['rustc-web', 'cargo-web', 'libstd-rust-web-dev'];

/**
 * Debian's Rust for this machine, unpacked into .cache. It has no library for musl, so what it builds is not static. Throws where Debian has none
 * that is new enough.
 */
export async function debianRust(target: Target, minimum: string): Promise<Rust> {
  const { programs, libraries } = await unpackedTogether(PACKAGES);
  const [cargo, RUSTC] = [join(programs, 'cargo'), join(programs, 'rustc')];
  const env = { RUSTC, LD_LIBRARY_PATH: libraries };
  const version = await versionOf(RUSTC, env);
  if (!isAtLeast(version, minimum)) throw new Error(`Debian's Rust ${version} is older than ${minimum}`);
  return { cargo, env, triple: tripleOf(target, 'gnu') };
}
