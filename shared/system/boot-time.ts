import { readText } from './files.ts';

/** When this machine was started, nanoseconds since 1970; undefined if the kernel does not say. */
export function bootTime(): bigint | undefined {
  const line = readText('/proc/stat')
    .split('\n')
    .find((each) => each.startsWith('btime '));
  const seconds = line === undefined ? Number.NaN : Number(line.slice('btime '.length));
  return Number.isSafeInteger(seconds) ? BigInt(seconds) * 1_000_000_000n : undefined;
}
