import { existsSync, readdirSync } from 'node:fs';
import { execa } from 'execa';
import { onPath } from '../on-path.ts';
import type { Target } from '../targets.ts';
import type { Installed, Libc } from './order.ts';
import { tripleOf } from './triple.ts';

/** The programs of the installed Rust. */
export interface Programs extends Installed {
  readonly cargo: string;
  readonly rustc: string;
}

/** The Rust that is installed on this machine, and what it can build for a target. */
export async function installedRust(target: Target): Promise<Programs | undefined> {
  const [cargo, rustc] = [onPath('cargo'), onPath('rustc')];
  if (cargo === undefined || rustc === undefined) return undefined;
  const libraries: Libc[] = [];
  for (const libc of ['musl', 'gnu'] as const) {
    if (await hasLibrary(rustc, tripleOf(target, libc))) libraries.push(libc);
  }
  return { cargo, rustc, version: await versionOf(rustc), libraries };
}

/** The version of a rustc; '' when it does not start. */
export async function versionOf(rustc: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await execa(rustc, ['--version'], { env, reject: false });
  return /^rustc (\d+\.\d+\.\d+)/.exec(String(stdout))?.[1] ?? '';
}

async function hasLibrary(rustc: string, triple: string): Promise<boolean> {
  const { stdout } = await execa(rustc, ['--print', 'target-libdir', '--target', triple], { reject: false });
  const folder = String(stdout).trim();
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('libstd-'));
}
