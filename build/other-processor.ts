import { join } from 'node:path';
import { hasApt, unpackedPackage } from './debian.ts';
import { build, folderOf } from './executables.ts';
import { findHost } from './host-program.ts';
import { onPath } from './on-path.ts';
import { reasonOf, say } from './say.ts';
import { nativeTarget, TARGETS } from './targets.ts';
import type { Tools } from './tools.ts';

/**
 * The executables for the processor that this machine does not have, and qemu, which runs them. Undefined, with the reason
 * printed, where they cannot be built or qemu cannot be had.
 */
export async function findOtherProcessor(): Promise<Tools['otherProcessor']> {
  const target = nativeTarget() === TARGETS.x64 ? TARGETS.arm64 : TARGETS.x64;
  try {
    const emulator = await findEmulator(`qemu-${target.cpu}-static`);
    const host = await findHost(target);
    await build(target);
    return { emulator, host, bin: folderOf(target) };
  } catch (error) {
    say(`${reasonOf(error)}: the tests of the executables for ${target.name} are skipped`);
    return undefined;
  }
}

/** The machine's emulator of user programs, else Debian's. */
async function findEmulator(name: string): Promise<string> {
  const installed = onPath(name);
  if (installed !== undefined) return installed;
  if (!(await hasApt())) throw new Error(`No ${name}`);
  return join(await unpackedPackage('qemu-user-static'), 'usr/bin', name);
}
