import type { Scan } from '../datastore/datastore.ts';
import { nextPage, type Pace } from '../datastore/next-page.ts';
import type { Entry, ListQuery } from '../datastore/query.ts';
import { isUnavailable } from '../datastore/unavailable.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { Caller } from './caller.ts';
import type { EtcdConfig } from './config.ts';
import { Txn } from './generated-rpc.ts';
import { type KeyValue, prefixEnd } from './key-store.ts';
import { prefixesOf, refIn } from './keys.ts';
import { entryOf } from './search.ts';

/** The time limit for one page, in milliseconds. */
const PAGE_LIMIT_MS = 30_000;

/** The keys of a range up to a limit, and whether there are more. */
interface Page {
  readonly entries: readonly KeyValue[];
  readonly more: boolean;
}

type ReadPage = (from: string, to: string, size: number) => Promise<Page>;

/** Opens its own connection to the etcd of a configuration when the first page is requested. Reads everything at one revision. */
export const openScan = (config: EtcdConfig, world: World, log: Log): Scan =>
  scanWith(new Caller(config, world, log), world, log);

/** The same over a connection that there is. */
export function scanWith(caller: Caller, world: World, log: Log): Scan {
  let revision = 0;
  const page: ReadPage = async (from, to, size) => {
    const range = { key: from, rangeEnd: to, limit: size, revision };
    const options = { deadline: world.elapsed() + PAGE_LIMIT_MS, writes: false, about: [from] };
    const { header, responses } = await caller.call(Txn, { success: [{ requestRange: range }] }, options);
    const answer = responses[0]?.responseRange;
    // etcd answers every operation; a missing answer must not be taken for an empty range.
    if (header === undefined || !answer) throw new Error('etcd answered without the requested range');
    if (revision === 0) revision = header.revision;
    return { entries: answer.kvs, more: answer.more };
  };
  return {
    pages: scanPages(fitting(page, log)),
    version: () => (revision === 0 ? '' : String(revision)),
    close: () => caller.close(),
  };
}

/** Requests fewer keys, from then on, when an answer was too large. */
function fitting(page: ReadPage, log: Log): ReadPage {
  let most = Number.POSITIVE_INFINITY;
  return async function smaller(from, to, size) {
    const limit = Math.min(size, most);
    try {
      return await page(from, to, limit);
    } catch (thrown) {
      if (limit === 1 || !isUnavailable(thrown) || thrown.reason !== 'too large') throw thrown;
      most = Math.ceil(limit / 10);
      log.debug('The answer was too large, requesting fewer entries', { keys: from, limit: most });
      return smaller(from, to, size);
    }
  };
}

/** Pages of a list: of `size` keys each, or fewer where they are large; those that are for something else are left out. */
export const scanPages = (page: ReadPage): Scan['pages'] =>
  async function* (list: ListQuery, size: number, pace?: Pace) {
    for (const prefix of prefixesOf(list)) {
      for await (const found of pagesUnder(page, prefix, size, pace)) yield entriesIn(list, found);
    }
  };

function entriesIn(list: ListQuery, found: readonly KeyValue[]): readonly Entry[] {
  const entries: Entry[] = [];
  for (const each of found) {
    const ref = refIn(list, each.key);
    if (ref !== undefined) entries.push(entryOf(ref, each));
  }
  return entries;
}

async function* pagesUnder(
  page: ReadPage,
  prefix: string,
  size: number,
  pace: Pace,
): AsyncGenerator<readonly KeyValue[]> {
  const to = prefixEnd(prefix);
  let next: (() => Promise<Page>) | undefined = () => page(prefix, to, size);
  while (next !== undefined) {
    const { entries, more }: Page = await next();
    const last = entries.at(-1);
    next = more && last !== undefined ? nextPage(() => page(`${last.key}\0`, to, size), pace) : undefined;
    yield entries;
  }
}
