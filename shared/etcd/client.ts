import { failure } from '../error/failure.ts';
import type { Log } from '../log/log.ts';
import { endOfTurn } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { Caller } from './caller.ts';
import { type ClusterName, openClusterName } from './cluster-name.ts';
import type { EtcdConfig } from './config.ts';
import { CompareTarget, type RequestOp, type ResponseOp, Txn, type TxnRequest } from './generated-rpc.ts';
import type { Compare, KeyStore, Put, Range, Read, TxnResult } from './key-store.ts';

/** A remote etcd's keys. */
export interface RemoteKeyStore extends KeyStore {
  /** Starts to connect, as Datastore.begin does. */
  begin(deadline: number): Promise<void>;
  /** Identifies the cluster; undefined until ClusterInformation has been read. */
  cluster(): string | undefined;
  close(): void;
}

/** The etcd of a configuration. Connects on the first call, or when `begin` is called. */
export function openKeyStore(config: EtcdConfig, world: World, log: Log): RemoteKeyStore {
  const caller = new Caller(config, world, log);
  const name = openClusterName();
  return {
    async begin(deadline) {
      caller.begin(deadline);
      // The first turn runs what was already due; the second one handles socket events.
      await endOfTurn();
      await endOfTurn();
    },
    read: (reads, deadline) => read(caller, name, reads, deadline),
    commit: (compares, puts, deadline) => commit(caller, compares, puts, deadline),
    cluster: () => name.get(),
    close: () => caller.close(),
  };
}

async function read(
  caller: Caller,
  name: ClusterName,
  reads: readonly Read[],
  deadline: number,
): Promise<readonly Range[]> {
  const request: TxnRequest = { success: reads.map(requestOf) };
  const response = await caller.call(Txn, request, { deadline, writes: false, about: reads.map((one) => one.from) });
  const ranges = reads.map((_, at) => rangeIn(response.responses[at]));
  name.hear(reads, ranges, response.header?.clusterId);
  return ranges;
}

async function commit(
  caller: Caller,
  compares: readonly Compare[],
  puts: readonly Put[],
  deadline: number,
): Promise<TxnResult> {
  const request: TxnRequest = {
    compare: compares.map(({ key, modRevision }) => ({ key, modRevision, target: CompareTarget.Mod })),
    success: puts.map(({ key, value }) =>
      value === undefined ? { requestDeleteRange: { key } } : { requestPut: { key, value } },
    ),
    failure: compares.map(({ key }) => requestOf({ from: key })),
  };
  const response = await caller.call(Txn, request, { deadline, writes: true, about: puts.map((one) => one.key) });
  if (response.succeeded) return { done: true, revision: response.header?.revision ?? 0 };
  return { done: false, fresh: response.responses.flatMap((one) => rangeIn(one).entries) };
}

function requestOf(read: Read): RequestOp {
  return {
    requestRange: {
      key: read.from,
      ...(read.to === undefined ? {} : { rangeEnd: read.to }),
      ...(read.limit === undefined ? {} : { limit: read.limit }),
      keysOnly: read.only === 'keys',
      countOnly: read.only === 'count',
    },
  };
}

function rangeIn(response: ResponseOp | undefined): Range {
  const range = response?.responseRange;
  // etcd answers every operation; a missing answer must not be taken for a missing key.
  if (!range) throw failure('etcd answered fewer reads than requested');
  return { entries: range.kvs, more: range.more, count: range.count };
}
