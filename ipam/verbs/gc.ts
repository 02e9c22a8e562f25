import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { handleOf } from '../block/handle-id.ts';
import { countReclaimed } from '../call/count-reclaimed.ts';
import { openSession, type Session } from '../call/session.ts';
import { drainWherePossible } from '../journal/drain-in-call.ts';
import { dropHandle, emptyHandles, rewriteBlocks } from '../release/empty-handle.ts';
import { containersHolding, type StaleRequest } from '../release/stale.ts';
import { claimUnclaimed } from '../release/unclaimed.ts';
import { draining, release } from './del.ts';

/** CNI GC of `calico-ipam`: releases this node's addresses of containers of this network that the runtime no longer lists. */
export async function gc(call: Call): Promise<void> {
  const valid = validContainers(call.conf);
  const session = await openSession(call);
  try {
    await drainWherePossible(draining(session));
    const request = { node: session.node, network: call.conf.name, kept: valid };
    const { containers, unread } = await transact(session, () => containersHolding(request));
    const stale = containers.filter((id) => !valid.has(id));
    const reclaimed: string[] = [];
    const remove = async (id: string) => {
      reclaimed.push(...(await release(session, [handleOf(request.network, id)])));
    };
    const pieces = stale.map((id) => ({ name: id, run: () => remove(id) }));
    try {
      await cleanUp([...pieces, ...piecesLeft(session, request)], unread);
    } finally {
      await countReclaimed(session, reclaimed);
    }
  } finally {
    session.store.close();
  }
}

type Collecting = Pick<Session, 'store' | 'world' | 'log' | 'deadline'>;

/** Leftovers of killed programs that belong to no container: only possible where commits are not transactions. */
export function piecesLeft(session: Collecting, request: StaleRequest): readonly Piece[] {
  const { store, deadline } = session;
  if (store.isTransactional !== false) return [];
  return [
    { name: 'half-deleted objects', run: async () => store.finishDeletions?.(deadline) },
    { name: 'handles without an address', run: () => dropEmptyHandles(session, request) },
    { name: 'blocks without an affinity', run: () => transact(session, () => claimUnclaimed(request.node)) },
  ];
}

async function dropEmptyHandles(session: Collecting, request: StaleRequest): Promise<void> {
  for (const each of await transact(session, () => emptyHandles(request))) {
    await transact(session, () => dropHandle(each.handleID));
    await transact(session, () => rewriteBlocks(each));
  }
}

/** Containers that keep what they have. Without the list GC would delete everything, so that is refused. */
export function validContainers(conf: NetConf): ReadonlySet<string> {
  if (conf.validAttachments !== undefined) return new Set(conf.validAttachments.map(({ containerID }) => containerID));
  throw new Failure('invalid network configuration', 'GC needs cni.dev/valid-attachments in the network configuration');
}

/** One item of a GC's work. */
export interface Piece {
  /** What it cleans up, for the error. */
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** Runs all items, continues after failures and reports them together, after what could not be read (spec 1.1.0, GC). */
export async function cleanUp(pieces: readonly Piece[], unread: readonly string[]): Promise<void> {
  const failures = [...unread];
  for (const { name, run } of pieces) {
    try {
      await run();
    } catch (error) {
      failures.push(`${name}: ${toFailure(error, 'serving GC').message}`);
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) return;
  const count = `${failures.length} of ${pieces.length + unread.length} items failed`;
  throw failure(`GC incomplete: ${count}: ${first}`, others.length === 0 ? undefined : others.join('; '));
}
