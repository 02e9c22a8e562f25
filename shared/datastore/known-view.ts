import { byteOrder } from '../system/byte-order.ts';
import type { Answer, Entry, Read, View } from './view.ts';
import { prefixEnd } from './view.ts';

/** A view that fills with what etcd answers. */
export interface KnownView extends View {
  /** The key, or the prefix of keys, that was looked at last; '' before any was. */
  latest(): string;
  /** Those of `reads` that are not answered by what is known. */
  missing(reads: readonly Read[]): readonly Read[];
  learn(read: Read, answer: Answer): void;
  /**
   * Takes in `keys` as they are now: one without an entry in `fresh` does not exist. Numbers, names and cut-off lists read
   * before are forgotten, since what they counted has changed.
   */
  refresh(keys: readonly string[], fresh: readonly Entry[]): void;
}

interface Known {
  /** Undefined: known not to exist. */
  readonly entries: Map<string, Entry | undefined>;
  /** Ranges read whole: a key within one and not among the entries does not exist. */
  readonly ranges: { readonly from: string; readonly to: string }[];
  /** Answers to reads that do not tell everything of their range. */
  readonly partial: Map<string, Answer>;
}

/** A view that knows nothing yet. */
export function openView(): KnownView {
  const known: Known = { entries: new Map(), ranges: [], partial: new Map() };
  let latest = '';
  return {
    latest: () => latest,
    get(key) {
      latest = key;
      return answerTo(known, { from: key }).entries[0];
    },
    knows: (key) => knows(known, key),
    list(prefix) {
      latest = prefix;
      return answerTo(known, { from: prefix, to: prefixEnd(prefix) }).entries;
    },
    answer: (read) => answerTo(known, read),
    missing: (reads) => reads.filter((read) => !isAnswered(known, read)),
    learn: (read, answer) => learn(known, read, answer),
    refresh(keys, fresh) {
      known.partial.clear();
      for (const key of keys) known.entries.set(key, undefined);
      for (const entry of fresh) known.entries.set(entry.key, entry);
    },
  };
}

function knows({ entries, ranges }: Known, key: string): boolean {
  return entries.has(key) || ranges.some((range) => within(key, range.from, range.to));
}

function isAnswered(known: Known, read: Read): boolean {
  const { from, to } = read;
  if (to === undefined) return knows(known, from);
  if (known.partial.has(identity(read))) return true;
  return isWhole(read) && known.ranges.some((one) => byteOrder(one.from, from) <= 0 && byteOrder(to, one.to) <= 0);
}

function answerTo(known: Known, read: Read): Answer {
  const stored = known.partial.get(identity(read));
  if (stored) return stored;
  if (!isAnswered(known, read)) throw new Error(`a decision looks at ${identity(read)}, which it has not read`);
  const entry = known.entries.get(read.from);
  const entries = read.to === undefined ? (entry ? [entry] : []) : between(known, read.from, read.to);
  return { entries, more: false, count: entries.length };
}

function between({ entries }: Known, from: string, to: string): Entry[] {
  return [...entries.values()]
    .filter((entry) => entry !== undefined)
    .filter((entry) => within(entry.key, from, to))
    .sort((one, other) => byteOrder(one.key, other.key));
}

function learn(known: Known, read: Read, told: Answer): void {
  if (read.to === undefined) {
    known.entries.set(read.from, told.entries[0]);
    return;
  }
  if (isWhole(read)) {
    // A key read on its own before may be gone by now.
    for (const entry of between(known, read.from, read.to)) known.entries.set(entry.key, undefined);
    known.ranges.push({ from: read.from, to: read.to });
  } else {
    known.partial.set(identity(read), told);
  }
  if (read.only === undefined) for (const entry of told.entries) known.entries.set(entry.key, entry);
}

/** Whether a read is answered with every key and value of its range. */
const isWhole = (read: Read) => read.only === undefined && (read.limit ?? 0) === 0;

const identity = (read: Read) => JSON.stringify([read.from, read.to, read.only, read.limit]);

const within = (key: string, from: string, to: string) => byteOrder(from, key) <= 0 && byteOrder(key, to) < 0;
