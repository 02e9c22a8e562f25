import { exists, readBytes } from './files.ts';

/** A transition at the end of 32-bit time that changes nothing; zic adds it for readers that expect one. */
const PLACEHOLDER = 2 ** 31 - 1;

const ZONE_FILE = '/etc/localtime';

type Environment = Readonly<Record<string, string | undefined>>;

/** Local date and time of day at `ms` since 1970, e.g. `2026-11-21 07:06:55.176`. */
export function localTime(ms: number, env: Environment): string {
  const offset = fixedOffset(ms, env) ?? -new Date(ms).getTimezoneOffset();
  return new Date(ms + offset * 60_000).toISOString().slice(0, -1).replace('T', ' ');
}

/**
 * Minutes east of UTC where the time zone currently has no daylight saving time, such as UTC. Undefined elsewhere: Date knows
 * the offset there, but its first use of a zone costs 3 ms in the compiled executable, this 0.1.
 */
function fixedOffset(ms: number, env: Environment): number | undefined {
  const zone = env['TZ'];
  if (zone === '' || zone === 'UTC') return 0;
  if (zone !== undefined) return undefined;
  if (!exists(ZONE_FILE)) return 0;
  try {
    return readZone(readBytes(ZONE_FILE), ms);
  } catch {
    return undefined;
  }
}

/** The offset in the last line of a zone file (TZif, RFC 9636), which holds for all future time, unless it is a rule. */
export function readZone(file: Buffer, ms: number): number | undefined {
  const version2 = 44 + blockLength(file);
  const count = file.readUInt32BE(version2 + 32);
  const changes = Array.from({ length: count }, (_, index) => Number(file.readBigInt64BE(version2 + 44 + 8 * index)));
  if (changes.some((seconds) => seconds * 1000 > ms && seconds !== PLACEHOLDER)) return undefined;
  const [, sign, hours, minutes = '0'] =
    /\n(?:[A-Za-z]+|<[^>]+>)([+-]?)(\d+)(?::(\d+))?\n$/.exec(file.toString('latin1')) ?? [];
  if (hours === undefined) return undefined;
  // POSIX counts west of UTC.
  const west = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? west : 0 - west;
}

/** The length of the first, 32-bit data block, from the counts in its header. */
function blockLength(file: Buffer): number {
  const [utc, standard, leaps, times, types, chars] = [20, 24, 28, 32, 36, 40].map((at) => file.readUInt32BE(at));
  const sizes = [utc, standard, (leaps ?? 0) * 8, (times ?? 0) * 5, (types ?? 0) * 6, chars];
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
