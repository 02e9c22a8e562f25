import { isUnavailable } from '../datastore/unavailable.ts';
import { type Entry, prefixEnd } from '../datastore/view.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { Caller } from './caller.ts';
import type { EtcdConfig } from './config.ts';
import { Txn } from './rpc.ts';

/** Ranges too large to be read at once, page by page and all of them at the revision of the first page. */
export interface Scan {
  /** Every entry under `prefix`, `size` at a time, or fewer where they are large; the next page is on its way while one is worked on. Throws 'datastore unavailable'. */
  pages(prefix: string, size: number): AsyncGenerator<readonly Entry[]>;
  /** The revision that everything was read at; 0 before the first page. */
  revision(): number;
  close(): void;
}

/** How long one page may take, in milliseconds. */
const PAGE_LIMIT_MS = 30_000;

interface Page {
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/** Opens a connection of its own to the etcd of a configuration, when the first page is asked for. */
export function openScan(config: EtcdConfig, world: World, log: Log): Scan {
  const caller = new Caller(config, world, log);
  let revision = 0;
  const page = async (from: string, to: string, size: number): Promise<Page> => {
    const range = { key: from, rangeEnd: to, limit: size, revision };
    const options = { deadline: world.elapsed() + PAGE_LIMIT_MS, writes: false, about: [from] };
    const { header, responses } = await caller.call(Txn, { success: [{ requestRange: range }] }, options);
    const answer = responses[0]?.responseRange;
    // etcd answers every operation; an answer that lacks one must not pass for an empty range.
    if (header === undefined || !answer) throw new Error('etcd answered without what was asked');
    if (revision === 0) revision = header.revision;
    return { entries: answer.kvs, more: answer.more };
  };
  let most = Number.POSITIVE_INFINITY;
  const fitting = async (from: string, to: string, size: number): Promise<Page> => {
    const limit = Math.min(size, most);
    try {
      return await page(from, to, limit);
    } catch (thrown) {
      if (limit === 1 || !isUnavailable(thrown) || thrown.reason !== 'too large') throw thrown;
      most = Math.ceil(limit / 10);
      log.debug('The entries are too large for one answer, asking for fewer', { keys: from, limit: most });
      return fitting(from, to, size);
    }
  };
  return {
    pages: (prefix, size) => pages(fitting, prefix, size),
    revision: () => revision,
    close: () => caller.close(),
  };
}

async function* pages(
  page: (from: string, to: string, size: number) => Promise<Page>,
  prefix: string,
  size: number,
): AsyncGenerator<readonly Entry[]> {
  const to = prefixEnd(prefix);
  let next: Promise<Page> | undefined = page(prefix, to, size);
  while (next !== undefined) {
    const { entries, more }: Page = await next;
    const last = entries.at(-1);
    next = more && last !== undefined ? page(`${last.key}\0`, to, size) : undefined;
    // A failure while the consumer works must wait for it rather than end the process.
    next?.catch(() => {});
    yield entries;
  }
}
