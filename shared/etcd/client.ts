import type { CommitResult, Compare, RemoteStore } from '../datastore/store.ts';
import type { Answer, Read, Write } from '../datastore/view.ts';
import { failure } from '../error/error.ts';
import type { Log } from '../log/log.ts';
import { endOfTurn } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { Caller } from './caller.ts';
import { type ClusterName, openClusterName } from './cluster-name.ts';
import type { EtcdConfig } from './config.ts';
import { CompareTarget, type RequestOp, type ResponseOp, Txn, type TxnRequest } from './rpc.ts';

/** The etcd of a configuration, connected to when first asked or told to begin. */
export function openStore(config: EtcdConfig, world: World, log: Log): RemoteStore {
  const caller = new Caller(config, world, log);
  const name = openClusterName();
  return {
    async begin(deadline) {
      caller.begin(deadline);
      // A turn begins with what was due before it and hears of the socket after that.
      await endOfTurn();
      await endOfTurn();
    },
    read: (reads, deadline) => read(caller, name, reads, deadline),
    commit: (compares, writes, deadline) => commit(caller, compares, writes, deadline),
    cluster: () => name.get(),
    close: () => caller.close(),
  };
}

async function read(
  caller: Caller,
  name: ClusterName,
  reads: readonly Read[],
  deadline: number,
): Promise<readonly Answer[]> {
  const request: TxnRequest = { success: reads.map(rangeOf) };
  const response = await caller.call(Txn, request, { deadline, writes: false, about: reads.map((one) => one.from) });
  const answers = reads.map((_, at) => answerOf(response.responses[at]));
  name.hear(reads, answers, response.header?.clusterId);
  return answers;
}

async function commit(
  caller: Caller,
  compares: readonly Compare[],
  writes: readonly Write[],
  deadline: number,
): Promise<CommitResult> {
  const request: TxnRequest = {
    compare: compares.map(({ key, modRevision }) => ({ key, modRevision, target: CompareTarget.Mod })),
    success: writes.map(({ key, value }) =>
      value === undefined ? { requestDeleteRange: { key } } : { requestPut: { key, value } },
    ),
    failure: compares.map(({ key }) => rangeOf({ from: key })),
  };
  const response = await caller.call(Txn, request, { deadline, writes: true, about: writes.map((one) => one.key) });
  if (response.succeeded) return { done: true };
  return { done: false, fresh: response.responses.flatMap((one) => answerOf(one).entries) };
}

function rangeOf(read: Read): RequestOp {
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

function answerOf(response: ResponseOp | undefined): Answer {
  const range = response?.responseRange;
  // etcd answers every operation; an answer that lacks one must not pass for an absent key.
  if (!range) throw failure('etcd answered fewer reads than were asked');
  return { entries: range.kvs, more: range.more, count: range.count };
}
