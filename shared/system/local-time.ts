import { viewOf } from '../bytes/join.ts';
import { fromLatin1 } from '../bytes/text.ts';
import { exists, readBytes } from './files.ts';

/** A transition at the end of 32-bit time that changes nothing; zic adds it for readers that expect one. */
const PLACEHOLDER = 2 ** 31 - 1;

const ZONE_FILE = '/etc/localtime';
/** How long a look at the file is good for. */
const FRESH_MS = 10_000;

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
  return zone === undefined ? ofThisHost(ms) : undefined;
}

/** What was read last, which holds for a while: a call logs several lines. */
let read: { readonly at: number; readonly offset: number | undefined } | undefined;

function ofThisHost(ms: number): number | undefined {
  if (read === undefined || ms < read.at || ms - read.at > FRESH_MS) read = { at: ms, offset: offsetInFile(ms) };
  return read.offset;
}

function offsetInFile(ms: number): number | undefined {
  if (!exists(ZONE_FILE)) return 0;
  try {
    return readZone(readBytes(ZONE_FILE), ms);
  } catch {
    return undefined;
  }
}

/** The offset in the last line of a zone file (TZif, RFC 9636), which holds for all future time, unless it is a rule. */
export function readZone(file: Uint8Array, ms: number): number | undefined {
  const view = viewOf(file);
  const version2 = 44 + blockLength(view);
  const count = view.getUint32(version2 + 32);
  for (let change = 0; change < count; change++) {
    const seconds = Number(view.getBigInt64(version2 + 44 + 8 * change));
    if (seconds * 1000 > ms && seconds !== PLACEHOLDER) return undefined;
  }
  const [, sign, hours, minutes = '0'] =
    /\n(?:[A-Za-z]+|<[^>]+>)([+-]?)(\d+)(?::(\d+))?\n$/.exec(fromLatin1(file)) ?? [];
  if (hours === undefined) return undefined;
  // POSIX counts west of UTC.
  const west = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? west : 0 - west;
}

/** The length of the first, 32-bit data block, from the counts in its header. */
function blockLength(file: DataView): number {
  const [leaps, times, types] = [file.getUint32(28), file.getUint32(32), file.getUint32(36)];
  const single = file.getUint32(20) + file.getUint32(24) + file.getUint32(40);
  return single + leaps * 8 + times * 5 + types * 6;
}
