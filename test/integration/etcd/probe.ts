/**
 * A program that makes one etcd call, to run the same client under Node.js and in the executables' native part. JSON in argv,
 * JSON out.
 */
import { platform } from '#platform';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import { get } from '../../../shared/datastore/query.ts';
import type { Ref } from '../../../shared/datastore/ref.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../../shared/datastore/unavailable.ts';
import { openKeyStore, type RemoteKeyStore } from '../../../shared/etcd/client.ts';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import { etcdDatastore } from '../../../shared/etcd/datastore.ts';
import { one, under } from '../../../shared/etcd/key-store.ts';
import { openScan } from '../../../shared/etcd/scan.ts';
import { silent } from '../../../shared/log/log.ts';
import { readText } from '../../../shared/system/files.ts';
import { sleep } from '../../../shared/system/pause.ts';
import { processWorld } from '../../../shared/system/process-world.ts';
import type { World } from '../../../shared/system/world.ts';

/** What to do, with which endpoints, and the time limit in milliseconds. */
export interface Order {
  readonly config: EtcdConfig;
  /**
   * 'large': writes and reads back a megabyte; 'abandon': starts a read and closes the store 100 ms later; 'scan': all
   * handles.
   */
  readonly verb: 'read' | 'commit' | 'increment' | 'abandon' | 'large' | 'scan';
  readonly key: string;
  readonly deadline: number;
}

/** The outcome. `answer` is undefined if the call failed. */
export interface Report {
  readonly answer?: unknown;
  readonly kind?: string;
  readonly code?: number;
  readonly msg?: string;
  readonly details?: string | undefined;
  readonly ms: number;
  /** The peak memory of the process, in megabytes. */
  readonly peak: number;
}

const peak = () => Number(/VmHWM:\s*(\d+)/.exec(readText('/proc/self/status'))?.[1]) / 1024;

const { elapsed, random } = platform;
const world: World = {
  env: {},
  argv: [],
  stdin: () => '',
  stdinBytes: () => new Uint8Array(0),
  stdout: () => {},
  stderr: () => {},
  now: () => 0n,
  elapsed,
  random,
};

/** More than the HTTP/2 windows and the kernel's buffers hold at once. */
async function largeValue(store: RemoteKeyStore, key: string, end: number): Promise<boolean> {
  const value = Array.from({ length: 100_000 }, (_, i) => String(i).padStart(10)).join('');
  await store.commit([], [{ key, value }], end);
  const [answer] = await store.read([one(key)], end);
  return answer?.entries[0]?.value === value;
}

async function scanned({ config }: Order): Promise<unknown> {
  const scan = openScan(config, world, silent);
  const seen = { pages: 0, characters: 0 };
  try {
    for await (const page of scan.pages({ all: 'handle', strays: true }, 10)) {
      seen.pages++;
      for (const { value } of page) seen.characters += value.length;
    }
  } finally {
    scan.close();
  }
  return seen;
}

async function carryOut(store: RemoteKeyStore, { verb, key, deadline }: Order): Promise<unknown> {
  const end = elapsed() + deadline;
  if (verb === 'read') return store.read([one(key), under(`${key}/`)], end);
  if (verb === 'commit') return store.commit([{ key, modRevision: 0 }], [{ key, value: 'written' }], end);
  if (verb === 'large') return largeValue(store, key, end);
  if (verb === 'abandon') {
    store.read([one(key)], end).catch(() => {});
    return sleep(100).then(() => 'closed');
  }
  return incremented(store, key, end);
}

/** Adds one to the number at a key and stores the writer's process, so that it recognizes its own write. */
function incremented(keys: RemoteKeyStore, key: string, deadline: number): Promise<number> {
  const store = etcdDatastore(keys, keys);
  const [number, by] = [key, `${key}/by`].map((at): Ref => ({ kind: 'unknown', at })) as [Ref, Ref];
  return transact({ store, deadline, world, log: silent }, function* () {
    const view = yield [get(number), get(by)];
    const mine = String(platform.pid);
    const now = Number(view.get(number)?.value ?? 0);
    if (view.get(by)?.value === mine) return { changes: [], answer: now };
    const changes = [
      { ref: number, next: String(now + 1) },
      { ref: by, next: mine },
    ];
    return { changes, answer: now + 1 };
  });
}

async function main(): Promise<void> {
  const order: Order = JSON.parse(platform.argv[1] ?? '');
  const began = elapsed();
  const store = openKeyStore(order.config, world, silent);
  let outcome: Omit<Report, 'ms' | 'peak'>;
  try {
    outcome = { answer: order.verb === 'scan' ? await scanned(order) : await carryOut(store, order) };
  } catch (thrown) {
    const { code, message: msg, details } = toCniError(thrown);
    outcome = { code, msg, details, kind: isUnavailable(thrown) ? thrown.reason : 'refused' };
  }
  store.close();
  // Nothing may keep the process alive: it must end by itself from here.
  platform.onIdle(() => platform.exit(0));
  processWorld().stdout(JSON.stringify({ ...outcome, ms: Math.round(elapsed() - began), peak: peak() }));
}

await main();
