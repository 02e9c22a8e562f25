import { assign } from '../../../ipam/allocate/assign.ts';
import { firstReads } from '../../../ipam/allocate/setting.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import type { Datastore } from '../../../shared/datastore/datastore.ts';
import { inTurn } from '../../../shared/datastore/in-turn.ts';
import { readAheadOfTurn } from '../../../shared/datastore/read-ahead.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import type { HintFile } from '../../../shared/hint/hint-file.ts';
import { hintedStore } from '../../../shared/hint/hinted-store.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Connection, type ConnectOptions, connect } from '../../support/fake-datastore/connection.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { at, claimOn, node, pool, request } from '../../support/stored/ipam-world.ts';

/** A hint's file in memory. */
export interface MemoryFile extends HintFile {
  /** What it holds; undefined: there is none. */
  text: string | undefined;
  /** Everything that it has held. */
  readonly history: string[];
}

export function memoryFile(): MemoryFile {
  let text: string | undefined;
  let writes = 0;
  const history: string[] = [];
  return {
    history,
    get text() {
      return text;
    },
    set text(next) {
      text = next;
      writes++;
    },
    mark: () => (text === undefined ? undefined : String(writes)),
    read: () => text,
    write(next) {
      this.text = next;
      history.push(next);
    },
  };
}

/** A host's queue: resolves to what ends the turn, and whether somebody had to be waited for. */
export type Queue = () => Promise<{ readonly end: () => void; readonly hasWaited: boolean }>;

export function queue(): Queue {
  let last = Promise.resolve();
  let inside = 0;
  return async () => {
    const before = last;
    const hasWaited = inside++ > 0;
    let leave = () => {};
    last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    const end = () => {
      inside--;
      leave();
    };
    return { end, hasWaited };
  };
}

/** Where a call runs. */
export interface Place {
  readonly store: FakeStore;
  readonly file: HintFile;
  readonly queue: Queue;
  readonly node: string;
  readonly cluster?: string;
  readonly options?: ConnectOptions;
}

/** One call's datastore, as the plugins open it, and the requests that it makes. */
export function opened(
  { store, file, queue: enter, node, cluster = 'c1', options = {} }: Place,
  more: Partial<Datastore> = {},
) {
  const connection: Connection = connect(store, options);
  const counted = { lost: 0 };
  const base: Datastore = {
    ...connection,
    ...more,
    cluster: () => cluster,
    commit: async (...args) => {
      const result = await connection.commit(...args);
      if (!result.done) counted.lost++;
      return result;
    },
  };
  const hinted = hintedStore(base, file, node, () => at(0));
  const take = async () => {
    const { end, hasWaited } = await enter();
    hinted.turned(hasWaited);
    return end;
  };
  const turn = inTurn(hinted, { take, isTaken: () => false });
  return { store: turn, calls: connection.calls, counted };
}

export const session = { world: fakeWorld({}), log: silent, deadline: 60_000 };

/** What an ADD has come to. */
export interface Added {
  readonly addresses: readonly string[];
  readonly calls: readonly string[];
  readonly lost: number;
}

/** An ADD as `calico` makes it. `beforeTurn` runs once what it reads before its turn has been asked for. */
export async function add(place: Place, container: string, beforeTurn?: () => Promise<void>): Promise<Added> {
  const { store, calls, counted } = opened(place);
  const wanted = request(place.node, container);
  const ahead = readAheadOfTurn(store, firstReads(wanted), session.deadline);
  await beforeTurn?.();
  await store.enter();
  try {
    const { addresses } = await transact({ ...session, store: ahead }, () => assign(wanted));
    return { addresses: addresses.map(({ address }) => address), calls, lost: counted.lost };
  } finally {
    store.close();
  }
}

/** A DEL. */
export async function del(place: Place, container: string): Promise<Added> {
  const { store, calls, counted } = opened(place);
  const handleIDs = [`net1.${container}`, container];
  try {
    const plan = () => releaseHandles({ handleIDs, node: place.node, now: at(1) });
    const { released } = await transact({ ...session, store }, plan);
    return { addresses: released, calls, lost: counted.lost };
  } finally {
    store.close();
  }
}

/** A pool of four blocks of four addresses. */
export const POOL = { cidr: '10.0.0.0/28', blockSize: 30 };

/** A node without a hint. */
export function stage(seed: Readonly<Record<string, string>> = { ...pool('p', POOL), ...node('n1'), ...node('n2') }) {
  const store = fakeStore(seed);
  const file = memoryFile();
  const place: Place = { store, file, queue: queue(), node: 'n1' };
  return { store, file, place };
}

/** A node that has served a container. */
export async function warmed() {
  const on = stage();
  await add(on.place, 'first');
  return on;
}

/** The first block that node n1 claims. */
export function ownBlock(store: FakeStore): string {
  const own = claimOn('n1', '10.0.0.0/30').replace('10.0.0.0-30', '');
  const claim = Object.keys(store.dump()).find((key) => key.startsWith(own)) ?? '';
  return claim.slice(own.length).replace('-', '/');
}

/** What kind of requests a call has made. */
export const verbs = (calls: readonly string[]): readonly string[] => calls.map((call) => call.split(' ')[0] ?? '');
