import type { Datastore } from '../datastore/datastore.ts';
import { exists } from '../system/files.ts';
import { readRootFile, writeRootFile } from '../system/root-file.ts';

/**
 * Which datastore last answered behind each endpoint, by the endpoint's mark. A DEL that reaches no endpoint can then still
 * tell which datastore its release is for.
 */
export type KnownStores = ReadonlyMap<string, string>;

const FILE = '/var/lib/calico/cni-stores.json';
/** How many endpoints are remembered; the oldest are dropped first. */
const MOST = 64;
const LIMIT = 64 << 10;

/** What this host remembers; nothing when the file cannot be read or is invalid. */
export function knownStores(): KnownStores {
  if (!exists(FILE)) return new Map();
  try {
    const found = Object.entries(JSON.parse(readRootFile(FILE, LIMIT).text) as object);
    return new Map(found.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
}

/** Remembers the datastore that answered behind these endpoints. A disk error does not fail the call. */
export function rememberStore(marks: readonly string[], store: Pick<Datastore, 'cluster'>): void {
  const cluster = store.cluster();
  if (cluster === undefined) return;
  const known = knownStores();
  if (marks.every((mark) => known.get(mark) === cluster)) return;
  const others = [...known].filter(([mark]) => !marks.includes(mark));
  const kept = [...others, ...marks.map((mark) => [mark, cluster] as const)].slice(-MOST);
  try {
    writeRootFile(FILE, `${FILE}.${process.pid}`, JSON.stringify(Object.fromEntries(kept)), false);
  } catch {
    // Then a release has to wait for a call with one of the same endpoints.
  }
}
