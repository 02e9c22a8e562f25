import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackedPackage } from '../../build/debian.ts';
import { onPath } from '../../build/setup.ts';
import type { Call } from '../support/calls/call.ts';
import { scratch } from './here.ts';
import { runAlone } from './program.ts';

/** GNU time, fetched if missing. Undefined if unavailable, in which case peak memory is not reported. */
export async function findTime(): Promise<string | undefined> {
  const there = onPath('time');
  if (there !== undefined) return there;
  return unpackedPackage('time').then(
    (folder) => join(folder, 'usr/bin/time'),
    () => undefined,
  );
}

/**
 * Peak memory of one call in bytes: that of its largest process. Linux includes the memory of the parent at the start,
 * so a small program must start it, such as GNU time.
 */
export function peakMemory(time: string, call: Call): { readonly bytes: number; readonly stdout: string } {
  const file = `${scratch}/peak`;
  const { stdout } = runAlone(call, [time, '-f', '%M', '-o', file]);
  return { bytes: Number(readFileSync(file, 'utf8').trim()) * 1024, stdout };
}
