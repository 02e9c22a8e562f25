import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { findBusybox } from '../busybox.ts';
import { unpackedPackage } from '../debian.ts';
import { download } from '../download.ts';
import { onPath } from '../on-path.ts';
import { CACHE, inWorkFolder, settle } from '../places.ts';
import { say } from '../say.ts';
import { nativeTarget, type Target } from '../targets.ts';
import type { Rust } from './find.ts';
import { tripleOf } from './triple.ts';

/** The version that is fetched where no new enough one is installed, and when it was published. */
const VERSION = '1.95.0';
const PUBLISHED = '2026-04-16';
/** Its archives, with their SHA-256. */
const ARCHIVES: Readonly<Record<string, string>> = {
  'rustc-1.95.0-x86_64-unknown-linux-gnu': '8426a3d170a5879f5682f5fbdd024a1779b3951e7baba685af2d6dc32a6dfc15',
  'cargo-1.95.0-x86_64-unknown-linux-gnu': 'e74edd2cf7d0f1f1383b4f00eb90c843750bc489e2ccf7214e6476678a907425',
  'rust-std-1.95.0-x86_64-unknown-linux-gnu': '047ea7098803d3500fa1072e9cee5392697e21525559e4458128a2bf874aa382',
  'rust-std-1.95.0-x86_64-unknown-linux-musl': 'aee540abf132920f791ef781489851a078d69dff493fb628d49c1d573f92bb3a',
  'rustc-1.95.0-aarch64-unknown-linux-gnu': '0fe3689eeaed603e5ef24572d11597d3edadaefd2cb181674ad621260f2501d2',
  'cargo-1.95.0-aarch64-unknown-linux-gnu': '7c070aeba9bbf12073646995a03f36c346bb5f541d0078ba6d9dc2a7adaaf6af',
  'rust-std-1.95.0-aarch64-unknown-linux-gnu': '3a21b271b1ff973b94d69b25e7a39992f9fbcae1ab6d9475844a23e6ad3908ac',
  'rust-std-1.95.0-aarch64-unknown-linux-musl': 'f6710416ed9a7d5cf2a15efa761eb79a1deeb43f9961bbe05cc97bec4ef9064a',
};
const PUBLIC_SERVER = 'https://static.rust-lang.org';

/**
 * Rust of a fixed version from its own server, or the one that RUSTUP_DIST_SERVER names (as rustup), unpacked into .cache.
 * Throws when it cannot be fetched.
 */
export async function fetchedRust(target: Target): Promise<Rust> {
  const [here, triple] = [tripleOf(nativeTarget(), 'gnu'), tripleOf(target, 'musl')];
  const place = join(CACHE, `rust-${VERSION}-${target.name}`);
  const cargo = join(place, 'bin/cargo');
  if (!existsSync(cargo)) {
    say(`Fetching Rust ${VERSION}, once (160 MB) …`);
    await inWorkFolder(async (folder) => {
      const parts = [`rustc-${VERSION}-${here}`, `cargo-${VERSION}-${here}`, `rust-std-${VERSION}-${here}`];
      for (const part of [...parts, `rust-std-${VERSION}-${triple}`]) await unpack(part, folder);
      settle(join(folder, 'rust'), place);
    });
  }
  return { cargo, env: { RUSTC: join(place, 'bin/rustc') }, triple };
}

/** Adds one part to the directory `rust` in `folder`. */
async function unpack(part: string, folder: string): Promise<void> {
  const server = process.env['RUSTUP_DIST_SERVER'] ?? PUBLIC_SERVER;
  const archive = join(folder, 'part.tar.xz');
  writeFileSync(archive, await download(`${server}/dist/${PUBLISHED}/${part}.tar.xz`, ARCHIVES[part] ?? ''));
  await execa(await findXz(), ['-d', archive]);
  await execa(await findBusybox(), ['tar', '-xf', join(folder, 'part.tar')], { cwd: folder });
  rmSync(join(folder, 'part.tar'));
  const [component = ''] = part.startsWith('rust-std') ? [part.replace(`-${VERSION}`, '')] : part.split('-');
  mkdirSync(join(folder, 'rust'), { recursive: true });
  cpSync(join(folder, part, component), join(folder, 'rust'), { recursive: true, verbatimSymlinks: true });
}

/** The machine's xz, else Debian's: busybox cannot unpack archives with dictionaries as large as these. */
const findXz = async (): Promise<string> => onPath('xz') ?? join(await unpackedPackage('xz-utils'), 'usr/bin/xz');
