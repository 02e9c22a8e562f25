import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { CniError, ErrorCode, failure, toCniError } from '../../shared/error/error.ts';
import { handleOf } from '../block/handle-id.ts';
import { openSession, type Session } from '../call/session.ts';
import { claimUnclaimed, containersWithoutAddress, dropEmptyHandle } from '../release/leftovers.ts';
import { containersHolding, type StaleRequest } from '../release/stale.ts';
import { drainWherePossible, release } from './del.ts';

/** CNI GC of `calico-ipam`: addresses that this node holds for containers of this network which the runtime no longer lists. */
export async function gc(call: Call): Promise<void> {
  const valid = validContainers(call.conf);
  const session = openSession(call);
  try {
    await drainWherePossible(session);
    const request = { node: session.node, network: call.conf.name, kept: valid };
    const { containers, unread } = await transact(session, () => containersHolding(request));
    const stale = containers.filter((id) => !valid.has(id));
    const pieces = stale.map((id) => ({ name: id, run: () => release(session, [handleOf(request.network, id)]) }));
    await cleanUp([...pieces, ...piecesLeft(session, request)], unread);
  } finally {
    session.store.close();
  }
}

type Collecting = Pick<Session, 'store' | 'world' | 'log' | 'deadline'>;

/** What killed programs leave that is no container's: only where commits are not transactions. */
export function piecesLeft(session: Collecting, request: StaleRequest): readonly Piece[] {
  const { store, deadline } = session;
  if (store.isTransactional !== false) return [];
  return [
    { name: 'what is marked as deleted', run: async () => store.finishDeletions?.(deadline) },
    { name: 'handles without an address', run: () => dropEmptyHandles(session, request) },
    { name: 'blocks without an affinity', run: () => transact(session, () => claimUnclaimed(request.node)) },
  ];
}

async function dropEmptyHandles(session: Collecting, request: StaleRequest): Promise<void> {
  const containers = await transact(session, () => containersWithoutAddress(request));
  for (const id of containers) await transact(session, () => dropEmptyHandle(request, id));
}

/** Containers that are to keep what they have; a GC without the list would take everything away, so it is refused. */
export function validContainers(conf: NetConf): ReadonlySet<string> {
  if (conf.validAttachments !== undefined) return new Set(conf.validAttachments.map(({ containerID }) => containerID));
  throw new CniError(ErrorCode.invalidNetworkConfig, 'GC needs cni.dev/valid-attachments in the network configuration');
}

/** A piece of a GC's work. */
export interface Piece {
  /** Whose or what it is, for the error. */
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** Does each piece, goes on past failures, and reports them together at the end, after what could not be read (spec 1.1.0, GC). */
export async function cleanUp(pieces: readonly Piece[], unread: readonly string[]): Promise<void> {
  const failures = [...unread];
  for (const { name, run } of pieces) {
    try {
      await run();
    } catch (error) {
      failures.push(`${name}: ${toCniError(error, 'serving GC').message}`);
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) return;
  throw failure(`cannot clean up all that is stale: ${first}`, [...others, 'everything else was done'].join('; '));
}
