import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { aptGet, unpackedPackage } from './debian.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';

/** Packages in one directory, with all that they depend on. */
export interface Together {
  readonly root: string;
  /** The directory of their programs. */
  readonly programs: string;
  /** Their shared libraries, without the C library, which must be the machine's own. */
  readonly libraries: string;
}

/** Unpacks packages with all that they depend on into one directory of .cache. Nothing is installed. */
export async function unpackedTogether(names: readonly string[]): Promise<Together> {
  const place = join(CACHE, `together-${names[0]}`);
  const root = join(place, 'root');
  const found = { root, programs: join(root, 'usr/bin'), libraries: join(place, 'libraries') };
  if (existsSync(place)) return found;
  const parts: string[] = [];
  for (const name of await closureOf(names)) parts.push(await unpackedPackage(name));
  await inWorkFolder(async (folder) => {
    mkdirSync(join(folder, 'made/root'), { recursive: true });
    for (const part of parts) {
      for (const entry of readdirSync(part)) await execa('cp', ['-al', join(part, entry), join(folder, 'made/root')]);
    }
    linkLibraries(
      parts.filter((part) => !/\/libc6_/.test(part)),
      join(folder, 'made/libraries'),
      found.libraries,
    );
    settle(join(folder, 'made'), place);
  });
  return found;
}

/** What apt-get would install on an empty machine. */
async function closureOf(names: readonly string[]): Promise<readonly string[]> {
  const empty = ['-o', 'Dir::State::status=/dev/null', '--no-install-recommends', '--simulate'];
  const { exitCode, stdout, stderr } = await aptGet(['install', ...empty, ...names]);
  if (exitCode !== 0) throw new Error(`Debian has no ${names.join(', ')}: ${stderr.trim().split('\n').at(-1)}`);
  return [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
}

/** Links that are right once the directory has its place, and stay so if .cache is moved. */
function linkLibraries(parts: readonly string[], into: string, place: string): void {
  mkdirSync(into);
  const linked = new Set<string>();
  const folders = parts.flatMap((part) => ['usr/lib', 'lib'].map((lib) => join(part, lib))).filter(existsSync);
  const withLibraries = folders.flatMap((folder) => [
    folder,
    ...readdirSync(folder)
      .filter((name) => name.includes('-linux-gnu'))
      .map((name) => join(folder, name)),
  ]);
  for (const folder of withLibraries) {
    for (const name of readdirSync(folder).filter((one) => /\.so(?:\.|$)/.test(one))) {
      if (linked.has(name)) continue;
      linked.add(name);
      symlinkSync(relative(place, join(folder, name)), join(into, name));
    }
  }
}
