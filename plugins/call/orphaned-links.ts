import { transact } from '../../shared/datastore/transaction.ts';
import { interfacesNamed } from '../decide/veth-owner.ts';
import { unnamed } from '../linux/abandoned.ts';
import { abandonedLinks, removeAbandoned } from '../linux/orphans.ts';
import { shaperNames } from '../linux/shaper.ts';
import type { Session } from './session.ts';

/**
 * Removes the links that killed ADDs have left on this host. Another network or runtime may be in the middle of an ADD: what is
 * young stays, and so does what has gained an endpoint or a route since it was listed.
 */
export async function removeOrphanedLinks(session: Session): Promise<void> {
  // Pods of a node cannot be listed with the plugin's rights, and so not told from what a killed ADD has left.
  if (session.datastore === 'kubernetes') return;
  const now = () => Number(session.world.now() / 1_000_000n);
  const listed = abandonedLinks(now());
  if (listed.length === 0) return;
  const { node } = session.identity;
  const interfaces = await transact(session, () => interfacesNamed(node));
  if (interfaces !== undefined) removeAbandoned(unnamed(listed, interfaces, interfaces.flatMap(shaperNames)), now());
}
