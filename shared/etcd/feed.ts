import { unavailable } from '../datastore/unavailable.ts';
import type { Feed, Receiver, WatchedKind } from '../datastore/watch.ts';
import type { Log } from '../log/log.ts';
import type { Signal } from '../system/cancellation.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import type { World } from '../system/world.ts';
import { Caller } from './caller.ts';
import type { EtcdConfig } from './config.ts';
import { EventType, Txn, Watch, type WatchResponse } from './generated-rpc.ts';
import { prefixEnd } from './key-store.ts';
import { prefixesOf, refOf } from './keys.ts';
import { scanWith } from './scan.ts';
import { entryOf } from './search.ts';
import { type Head, WatchMarks } from './watch-marks.ts';

/** Keys per page of the list: a full block has 20 KB. */
const PAGE = 100;

/** The changes since the last answer are no longer kept. */
class Compacted extends Error {}

/**
 * The objects of some kinds in etcd. Each run reads `config` again, with its certificates, makes a connection of its own, and
 * logs in on it.
 */
export function etcdFeed(kinds: readonly WatchedKind[], config: () => EtcdConfig, world: World, log: Log): Feed {
  const marks = new WatchMarks();
  const prefixes = kinds.flatMap((all) => prefixesOf({ all }));
  const list = async (caller: Caller, receiver: Receiver, cluster: bigint) => {
    marks.forget();
    receiver.renew(kinds);
    const scan = scanWith(caller, world, log);
    for (const all of kinds)
      for await (const page of scan.pages({ all }, PAGE)) for (const entry of page) receiver.put(entry);
    marks.listed(prefixes, { cluster, revision: Number(scan.version()) });
    receiver.settle();
  };
  const once = async (caller: Caller, limit: number, receiver: Receiver, signal: Signal): Promise<never> => {
    const head = await headOf(caller, prefixes[0] ?? '', world.elapsed() + limit);
    if (!marks.canGoOn(head)) await list(caller, receiver, head.cluster);
    return follow({ caller, marks, kinds, prefixes, limit, receiver, signal });
  };
  return {
    async run(receiver, signal) {
      const read = config();
      const caller = new Caller(read, world, log);
      const forget = signal.onCancel(() => caller.close());
      try {
        for (;;) {
          try {
            return await once(caller, read.limits.request, receiver, signal);
          } catch (thrown) {
            if (!(thrown instanceof Compacted)) throw thrown;
            log.debug('etcd has compacted what this watch has not seen: reading everything again');
            marks.forget();
          }
        }
      } finally {
        forget();
        caller.close();
      }
    },
  };
}

/** Asks whichever endpoint answers for the state of the cluster; the watch then uses the same connection. */
async function headOf(caller: Caller, prefix: string, deadline: number): Promise<Head> {
  const range = { key: prefix, rangeEnd: prefixEnd(prefix), limit: 1, keysOnly: true };
  const options = { deadline, writes: false, about: [prefix] };
  const { header } = await caller.call(Txn, { success: [{ requestRange: range }] }, options);
  return { cluster: header?.clusterId ?? 0n, revision: header?.revision ?? 0 };
}

interface Followed {
  readonly caller: Caller;
  readonly marks: WatchMarks;
  readonly kinds: readonly WatchedKind[];
  readonly prefixes: readonly string[];
  /** Milliseconds within which etcd must have started to watch. */
  readonly limit: number;
  readonly receiver: Receiver;
  readonly signal: Signal;
}

/** Watches all ranges in one call: etcd answers which range an answer is about by the order in which they were asked for. */
async function follow({ caller, marks, kinds, prefixes, limit, receiver, signal }: Followed): Promise<never> {
  const ranges = new Map<number, string>();
  const timer = startTimer(limit, () => caller.close());
  const receive = (response: WatchResponse) => {
    refuseCancelled(response);
    if (response.created) {
      ranges.set(response.watchId, prefixes[ranges.size] ?? '');
    } else {
      for (const event of response.events) pass(event, kinds, receiver);
      marks.followed(ranges.get(response.watchId) ?? '', response);
    }
    if (ranges.size < prefixes.length) return;
    stopTimer(timer);
    receiver.settle();
  };
  const requests = prefixes.map((prefix) => ({
    createRequest: {
      key: prefix,
      rangeEnd: prefixEnd(prefix),
      startRevision: marks.next(prefix),
      // Says from time to time up to where nothing has changed, so that a later watch need not start before that.
      progressNotify: true,
    },
  }));
  try {
    return await caller.follow(Watch, requests, receive, signal);
  } finally {
    stopTimer(timer);
  }
}

function refuseCancelled({ canceled, compactRevision, cancelReason }: WatchResponse): void {
  if (compactRevision > 0) throw new Compacted();
  if (canceled) throw unavailable('unreachable', 'etcd has ended the watch', cancelReason || 'without a reason');
}

function pass({ type, kv }: WatchResponse['events'][number], kinds: readonly WatchedKind[], receiver: Receiver): void {
  const ref = kv === undefined ? undefined : refOf(kv.key);
  const kind = kinds.find((one) => one === ref?.kind);
  if (kv === undefined || ref === undefined || kind === undefined) return;
  if (type === EventType.Delete) receiver.drop(kind, kv.key);
  else receiver.put(entryOf(ref, kv));
}
