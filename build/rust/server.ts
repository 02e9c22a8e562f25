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

/** A version of Rust, when it was published, and the SHA-256 of its archives. */
export interface Release {
  readonly version: string;
  readonly published: string;
  readonly archives: Readonly<Record<string, string>>;
}

/** The one that is fetched where no new enough one is installed. */
const RELEASE: Release = {
  version: '1.95.0',
  published: '2026-04-16',
  archives: {
    'rustc-1.95.0-x86_64-unknown-linux-gnu': '8426a3d170a5879f5682f5fbdd024a1779b3951e7baba685af2d6dc32a6dfc15',
    'cargo-1.95.0-x86_64-unknown-linux-gnu': 'e74edd2cf7d0f1f1383b4f00eb90c843750bc489e2ccf7214e6476678a907425',
    'rust-std-1.95.0-x86_64-unknown-linux-gnu': '047ea7098803d3500fa1072e9cee5392697e21525559e4458128a2bf874aa382',
    'rust-std-1.95.0-x86_64-unknown-linux-musl': 'aee540abf132920f791ef781489851a078d69dff493fb628d49c1d573f92bb3a',
    'rustc-1.95.0-aarch64-unknown-linux-gnu': '0fe3689eeaed603e5ef24572d11597d3edadaefd2cb181674ad621260f2501d2',
    'cargo-1.95.0-aarch64-unknown-linux-gnu': '7c070aeba9bbf12073646995a03f36c346bb5f541d0078ba6d9dc2a7adaaf6af',
    'rust-std-1.95.0-aarch64-unknown-linux-gnu': '3a21b271b1ff973b94d69b25e7a39992f9fbcae1ab6d9475844a23e6ad3908ac',
    'rust-std-1.95.0-aarch64-unknown-linux-musl': 'f6710416ed9a7d5cf2a15efa761eb79a1deeb43f9961bbe05cc97bec4ef9064a',
  },
};
const PUBLIC_SERVER = 'https://static.rust-lang.org';

/**
 * Rust of a fixed version from its own server, or the one that RUSTUP_DIST_SERVER names (as rustup), unpacked into `cache`.
 * Throws when it cannot be fetched.
 */
export async function fetchedRust(target: Target, release = RELEASE, cache = CACHE): Promise<Rust> {
  const [here, triple] = [tripleOf(nativeTarget(), 'gnu'), tripleOf(target, 'musl')];
  const place = join(cache, `rust-${release.version}-${target.name}`);
  const cargo = join(place, 'bin/cargo');
  if (!existsSync(cargo)) {
    say(`Fetching Rust ${release.version}, once (160 MB) …`);
    await inWorkFolder(async (folder) => {
      for (const part of [`rustc-${here}`, `cargo-${here}`, `rust-std-${here}`, `rust-std-${triple}`]) {
        await unpack(part, release, folder);
      }
      settle(join(folder, 'rust'), place);
    }, cache);
  }
  return { cargo, env: { RUSTC: join(place, 'bin/rustc') }, triple };
}

/** Adds one part, such as rust-std-TRIPLE, to the directory `rust` in `folder`. */
async function unpack(part: string, { version, published, archives }: Release, folder: string): Promise<void> {
  const server = process.env['RUSTUP_DIST_SERVER'] ?? PUBLIC_SERVER;
  const [name = '', triple = ''] = part.split(/-(?=x86_64|aarch64)/);
  const [archive, unpacked] = [`${name}-${version}-${triple}`, join(folder, 'part.tar')];
  const url = `${server}/dist/${published}/${archive}.tar.xz`;
  writeFileSync(`${unpacked}.xz`, await download(url, archives[archive] ?? ''));
  await execa(await findXz(), ['-d', `${unpacked}.xz`]);
  await execa(await findBusybox(), ['tar', '-xf', unpacked], { cwd: folder });
  rmSync(unpacked);
  mkdirSync(join(folder, 'rust'), { recursive: true });
  const component = join(folder, archive, name === 'rust-std' ? part : name);
  cpSync(component, join(folder, 'rust'), { recursive: true, verbatimSymlinks: true });
}

/** The machine's xz, else Debian's: busybox cannot unpack archives with dictionaries as large as these. */
export const findXz = async (): Promise<string> =>
  onPath('xz') ?? join(await unpackedPackage('xz-utils'), 'usr/bin/xz');
