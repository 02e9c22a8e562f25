import { asObject, objectOrNothing } from '../calico/stored.ts';
import type { EndedCall } from './call-line.ts';
import { readLine, readReclaimed } from './read-line.ts';

/** The upper ends of the histogram's buckets, in seconds; the last bucket has none. */
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

/** What the calls of one plugin and verb add up to. */
interface CallTotals {
  readonly seconds: number;
  /** How many calls were in each bucket, and not in the one before. */
  readonly buckets: readonly number[];
  /** How many ended with each code; 0 is success. */
  readonly codes: Readonly<Record<string, number>>;
}

export interface Totals {
  /** By plugin and verb: `calico ADD`. */
  readonly calls: ReadonlyMap<string, CallTotals>;
  /** Addresses that GC has released, by pool. */
  readonly reclaimed: Readonly<Record<string, number>>;
}

/** Most codes or pools that are told apart: another IPAM plugin may have any number of codes. */
const MOST_CODES = 32;
/** What the others count as. */
const OTHER = 'other';

/** The totals with the calls of these lines. Lines that are not whole are skipped. */
export function withLines(totals: Totals, text: string): Totals {
  const sums = new Map([...totals.calls].map(([key, sum]) => [key, opened(sum)]));
  const reclaimed = { ...totals.reclaimed };
  for (const line of text.split('\n')) {
    const call = line === '' ? undefined : readLine(line);
    const more = call === undefined ? readReclaimed(line) : undefined;
    if (call !== undefined) addCall(sums, call);
    if (more !== undefined) count(reclaimed, more.pool, more.count);
  }
  return { calls: sums, reclaimed };
}

function addCall(sums: Map<string, Sum>, call: EndedCall): void {
  const key = `${call.plugin} ${call.verb}`;
  const sum = sums.get(key) ?? opened(NOTHING);
  sums.set(key, sum);
  const seconds = call.milliseconds / 1000;
  sum.seconds += seconds;
  const place = BOUNDS.findIndex((bound) => seconds <= bound);
  const bucket = place === -1 ? BOUNDS.length : place;
  sum.buckets[bucket] = (sum.buckets[bucket] ?? 0) + 1;
  count(sum.codes, String(call.code));
}

interface Sum {
  seconds: number;
  readonly buckets: number[];
  readonly codes: Record<string, number>;
}

const NOTHING: CallTotals = { seconds: 0, buckets: Array.from({ length: BOUNDS.length + 1 }, () => 0), codes: {} };

const opened = ({ seconds, buckets, codes }: CallTotals): Sum => ({
  seconds,
  buckets: [...buckets],
  codes: { ...codes },
});

function count(sums: Record<string, number>, key: string, more = 1): void {
  const isKnown = Object.hasOwn(sums, key) || Object.keys(sums).length < MOST_CODES;
  const name = isKnown ? key : OTHER;
  sums[name] = (sums[name] ?? 0) + more;
}

/** Totals, and which file of lines was added last: a process may have been killed before it removed that. */
export interface Stored {
  readonly totals: Totals;
  readonly added: string;
}

export const storedText = ({ totals, added }: Stored): string =>
  JSON.stringify({ added, totals: Object.fromEntries(totals.calls), reclaimed: totals.reclaimed });

/** What `storedText` has written; nothing when the text is anything else. */
export function readStored(text: string): Stored {
  const fields = objectOrNothing('calls.totals', text);
  const calls = Object.entries(asObject(fields?.['totals']) ?? {}).flatMap(([key, value]) => {
    const sum = totalsIn(value);
    return sum === undefined ? [] : [[key, sum] as const];
  });
  const reclaimed = asObject(fields?.['reclaimed']) ?? {};
  const isSound = Object.values(reclaimed).every((number) => Number.isSafeInteger(number));
  const totals = { calls: new Map(calls), reclaimed: isSound ? (reclaimed as Totals['reclaimed']) : {} };
  return { added: String(fields?.['added'] ?? ''), totals };
}

function totalsIn(value: unknown): CallTotals | undefined {
  const { seconds, buckets, codes } = asObject(value) ?? {};
  const known = asObject(codes);
  if (typeof seconds !== 'number' || !Array.isArray(buckets) || known === undefined) return undefined;
  const numbers = [...buckets, ...Object.values(known)];
  const isSound = buckets.length === BOUNDS.length + 1 && numbers.every((number) => Number.isSafeInteger(number));
  return isSound ? { seconds, buckets, codes: known as Record<string, number> } : undefined;
}
