import type { Rollback } from '../../shared/call/rollback.ts';
import type { Attachment } from '../dataplane/attachment.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import type { CreatedEndpoint } from '../decide/del-plan.ts';
import { releaseOrJournal } from './journal.ts';
import type { Session } from './session.ts';

/** An ADD under way, with what it takes back should it fail. */
export interface Adding {
  readonly session: Session;
  /** The interface as far as it is known before there are addresses. */
  readonly wanted: PairRequest;
  readonly attachment: Attachment;
  readonly undo: AddUndo;
}

interface AddUndo {
  readonly interface: Rollback;
  readonly addresses: Rollback;
}

/**
 * Undoes the interface, at a second try if need be, before its addresses are released. While it stands they stay taken, until
 * DEL or GC: another container must not get an address that is still routed here.
 */
export async function takeBack(undo: AddUndo): Promise<void> {
  const isGone = (await undo.interface.run()) || (await undo.interface.run());
  if (isGone) await undo.addresses.run();
}

/** A function that registers the release of what the datastore may hold, once; to be called before the commit. */
export function releaseFor(session: Session, { addresses }: AddUndo, created?: CreatedEndpoint): () => void {
  let isRegistered = false;
  return () => {
    if (isRegistered) return;
    isRegistered = true;
    addresses.add('release what the datastore holds', async () => void (await releaseOrJournal(session, created)));
  };
}
