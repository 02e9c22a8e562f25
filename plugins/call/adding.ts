import { addingOnce, type Rollback } from '../../shared/call/rollback.ts';
import type { Attachment } from '../dataplane/attachment.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import type { CreatedEndpoint } from '../decide/del-decision.ts';
import { releaseOrJournal } from './journal.ts';
import type { Session } from './session.ts';

/** An ADD under way, and what to undo if it fails. */
export interface Adding {
  readonly session: Session;
  /** The pair as far as it is known before addresses are assigned. */
  readonly wanted: PairRequest;
  readonly attachment: Attachment;
  readonly undo: AddUndo;
}

interface AddUndo {
  readonly interface: Rollback;
  readonly addresses: Rollback;
}

/**
 * Undoes the interface, trying twice, and then releases its addresses. If the interface stays, so do its addresses, until DEL or
 * GC: another container must not get an address that is still routed here.
 */
export async function takeBack(undo: AddUndo): Promise<void> {
  const isGone = (await undo.interface.run()) || (await undo.interface.run());
  if (isGone) await undo.addresses.run();
}

/** Returns a function that registers the release of what the datastore may hold, once. Call it before the commit. */
export const releaseFor = (session: Session, { addresses }: AddUndo, created?: CreatedEndpoint): (() => void) =>
  addingOnce(addresses, 'release from the datastore', async () => void (await releaseOrJournal(session, created)));
