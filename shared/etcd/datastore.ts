import type { CommitResult, Datastore, Guard, SeenChange } from '../datastore/datastore.ts';
import type { Answer, Query, Version } from '../datastore/query.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { openKeyStore } from './client.ts';
import type { EtcdConfig } from './config.ts';
import { type KeyStore, MOST_OPERATIONS, type Range, type Read } from './key-store.ts';
import { keyOf } from './keys.ts';
import { openPassedBlocks, type PassedBlocks } from './passed-blocks.ts';
import { answerFrom, isLookup, type Lookup, readsOf, searchFor } from './query-reads.ts';
import { entryOf, type Search } from './search.ts';

/** The etcd of a configuration. Connects on the first call, or when `begin` is called. */
export function openStore(config: EtcdConfig, world: World, log: Log): Datastore {
  const keys = openKeyStore(config, world, log);
  return etcdDatastore(keys, { begin: keys.begin, cluster: keys.cluster, close: keys.close });
}

/** Calico's objects, stored under etcd keys. */
export function etcdDatastore(keys: KeyStore, rest: Pick<Datastore, 'begin' | 'cluster' | 'close'>): Datastore {
  const passed = openPassedBlocks();
  return {
    ...rest,
    passOn: passed.passOn,
    takeOver: passed.takeOver,
    read: (queries, deadline) => {
      const read: ReadKeys = (reads) => readAll(keys, reads, deadline);
      return queries.every(isLookup) ? lookUp(queries, read) : search(queries, read);
    },
    commit: (changes, guards, deadline) => commit({ keys, passed }, changes, guards, deadline),
  };
}

type ReadKeys = (reads: readonly Read[]) => Promise<readonly Range[]>;

/** Answers lookups in one round trip. Nearly every read of a call is one of these, which need no search. */
async function lookUp(queries: readonly Lookup[], read: ReadKeys): Promise<readonly Answer[]> {
  const wanted = queries.map(readsOf);
  const reads = wanted.flat();
  const ranges = reads.length === 0 ? [] : await read(reads);
  const answers: Answer[] = [];
  let from = 0;
  for (const query of queries) {
    const to = from + (wanted[answers.length]?.length ?? 0);
    answers.push(answerFrom(query, ranges.slice(from, to)));
    from = to;
  }
  return answers;
}

/** Answers queries together: one round trip for what all of them read next, until none reads more. */
async function search(queries: readonly Query[], read: ReadKeys): Promise<readonly Answer[]> {
  const searches = queries.map((query) => new Asked(searchFor(query)));
  for (;;) {
    const open = searches.filter(({ reads }) => reads.length > 0);
    if (open.length === 0) return searches.map(({ answer }) => answer);
    const ranges = await read(open.flatMap(({ reads }) => reads));
    let from = 0;
    for (const each of open) {
      const to = from + each.reads.length;
      each.go(ranges.slice(from, to));
      from = to;
    }
  }
}

/** A search in progress: what it reads next, or its answer when there is nothing more to read. */
class Asked {
  readonly #search: Search;
  reads: readonly Read[] = [];
  answer: Answer = { entries: [], refs: [] };

  constructor(search: Search) {
    this.#search = search;
    this.go([]);
  }

  go(ranges: readonly Range[]): void {
    let step = this.#search.next(ranges);
    while (!step.done && step.value.length === 0) step = this.#search.next([]);
    this.reads = step.done ? [] : step.value;
    if (step.done) this.answer = step.value;
  }
}

/** Splits reads into several transactions when one cannot hold them all. */
async function readAll(keys: KeyStore, reads: readonly Read[], deadline: number): Promise<readonly Range[]> {
  if (reads.length <= MOST_OPERATIONS) return keys.read(reads, deadline);
  const parts = Array.from({ length: Math.ceil(reads.length / MOST_OPERATIONS) }, (_, part) =>
    reads.slice(part * MOST_OPERATIONS, (part + 1) * MOST_OPERATIONS),
  );
  return (await Promise.all(parts.map((part) => keys.read(part, deadline)))).flat();
}

async function commit(
  { keys, passed }: { readonly keys: KeyStore; readonly passed: PassedBlocks },
  changes: readonly SeenChange[],
  guards: readonly Guard[],
  deadline: number,
): Promise<CommitResult> {
  const seen = [...changes, ...guards].map(({ ref, seen }) => ({
    ref,
    key: keyOf(ref),
    modRevision: revisionOf(seen),
  }));
  const compares = seen.map(({ key, modRevision }) => ({ key, modRevision }));
  const puts = changes.map(({ ref, next }) => ({ key: keyOf(ref), value: next }));
  const result = await keys.commit(compares, puts, deadline);
  if (result.done) {
    passed.written(changes, result.revision);
    return { done: true };
  }
  const refs = new Map(seen.map(({ key, ref }) => [key, ref]));
  const fresh = result.fresh.flatMap((found) => {
    const ref = refs.get(found.key);
    return ref === undefined ? [] : entryOf(ref, found);
  });
  return { done: false, fresh };
}

/** etcd uses revision 0 for a key that does not exist. */
const revisionOf = (version: Version | undefined): number => (version === undefined ? 0 : Number(version));
