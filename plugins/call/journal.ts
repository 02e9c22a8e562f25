import type { DrainingCall } from '../../ipam/journal/drain-in-call.ts';
import type { JournalEntry } from '../../ipam/journal/journal-entry.ts';
import { tryRelease } from '../../ipam/journal/release-or-journal.ts';
import { release } from '../../ipam/verbs/del.ts';
import type { CreatedEndpoint } from '../decide/del-decision.ts';
import type { Identity } from '../decide/identity.ts';
import { releaseEndpoint } from './release-endpoint.ts';
import type { Session } from './session.ts';

/** The endpoint of a journal entry. `made` (its name on disk) identifies the ADD that created it. */
type Recorded = Identity & { readonly made?: CreatedEndpoint };

/** Releases the endpoint (with `created`: only if it is still that one) and returns true; journals it when the datastore is unavailable, and returns false. */
export function releaseOrJournal(session: Session, created?: CreatedEndpoint): Promise<boolean> {
  const { conf, identity } = session;
  const { containerID, node, handleID, legacyHandleID } = identity;
  const handleIDs = conf.ipam.type === 'calico-ipam' ? [handleID, legacyHandleID] : [];
  const endpoint = { ...identity, ...(created === undefined ? {} : { made: created }) };
  const entry = { network: conf.name, containerID, node, handleIDs, endpoint };
  return tryRelease(session, async () => void (await releaseEndpoint(session, { created })), entry);
}

/** How `calico` drains the journal: it releases addresses and endpoints. */
export const draining = (session: Session): DrainingCall => ({
  ...session,
  node: session.identity.node,
  isOurKind: () => true,
  release: (entry) => releaseRecorded(session, entry),
});

async function releaseRecorded(
  session: Session,
  { endpoint, network, handleIDs, node, due }: JournalEntry,
): Promise<unknown> {
  if (endpoint === undefined) return release({ ...session, node }, handleIDs, due);
  const identity = endpoint as unknown as Recorded;
  // This call's network may be another than the entry's, with another IPAM plugin.
  const type = handleIDs.length > 0 ? 'calico-ipam' : '';
  const conf = { ...session.conf, name: network, ipam: { ...session.conf.ipam, type } };
  return releaseEndpoint({ ...session, conf, identity }, { created: identity.made, before: due });
}
