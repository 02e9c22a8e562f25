import { asObject, objectOrNothing } from '../calico/stored.ts';
import { readLine } from './read-line.ts';

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

/** By plugin and verb: `calico ADD`. */
export type Totals = ReadonlyMap<string, CallTotals>;

/** Most codes that are told apart: another IPAM plugin may have any number of them. */
const MOST_CODES = 32;
/** What the others count as. */
const OTHER = 'other';

/** The totals with the calls of these lines. Lines that are not whole are skipped. */
export function withLines(totals: Totals, text: string): Totals {
  const sums = new Map([...totals].map(([key, sum]) => [key, opened(sum)]));
  for (const line of text.split('\n')) {
    const call = line === '' ? undefined : readLine(line);
    if (call === undefined) continue;
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
  return sums;
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

function count(codes: Record<string, number>, code: string): void {
  const isKnown = Object.hasOwn(codes, code) || Object.keys(codes).length < MOST_CODES;
  const name = isKnown ? code : OTHER;
  codes[name] = (codes[name] ?? 0) + 1;
}

/** Totals, and which file of lines was added last: a process may have been killed before it removed that. */
export interface Stored {
  readonly totals: Totals;
  readonly added: string;
}

export const storedText = ({ totals, added }: Stored): string =>
  JSON.stringify({ added, totals: Object.fromEntries(totals) });

/** What `storedText` has written; nothing when the text is anything else. */
export function readStored(text: string): Stored {
  const fields = objectOrNothing('calls.totals', text);
  const totals = Object.entries(asObject(fields?.['totals']) ?? {}).flatMap(([key, value]) => {
    const sum = totalsIn(value);
    return sum === undefined ? [] : [[key, sum] as const];
  });
  return { added: String(fields?.['added'] ?? ''), totals: new Map(totals) };
}

function totalsIn(value: unknown): CallTotals | undefined {
  const { seconds, buckets, codes } = asObject(value) ?? {};
  const known = asObject(codes);
  if (typeof seconds !== 'number' || !Array.isArray(buckets) || known === undefined) return undefined;
  const numbers = [...buckets, ...Object.values(known)];
  const isSound = buckets.length === BOUNDS.length + 1 && numbers.every((number) => Number.isSafeInteger(number));
  return isSound ? { seconds, buckets, codes: known as Record<string, number> } : undefined;
}
