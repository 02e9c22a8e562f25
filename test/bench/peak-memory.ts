import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackedPackage } from '../../build/debian.ts';
import { onPath } from '../../build/setup.ts';
import type { Call } from '../support/cni.ts';
import { scratch } from './here.ts';
import { runAlone } from './program.ts';

/** GNU time, fetched when missing; undefined where it cannot be had: then peak memory is not told. */
export async function findTime(): Promise<string | undefined> {
  const there = onPath('time');
  if (there !== undefined) return there;
  return unpackedPackage('time').then(
    (folder) => join(folder, 'usr/bin/time'),
    () => undefined,
  );
}

/**
 * Peak memory of one call in bytes, that of the biggest process of it. Linux counts into it the memory of whoever
 * started the program, so it has to be started by something small, which is what GNU time is for.
 */
export function peakMemory(time: string, call: Call): { readonly bytes: number; readonly stdout: string } {
  const file = `${scratch}/peak`;
  const { stdout } = runAlone(call, [time, '-f', '%M', '-o', file]);
  return { bytes: Number(readFileSync(file, 'utf8').trim()) * 1024, stdout };
}
