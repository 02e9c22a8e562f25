import { transact } from '../../shared/datastore/transaction.ts';
import { interfacesNamed } from '../decide/veth-owner.ts';
import { shapersAmong, unnamed } from '../linux/abandoned.ts';
import { abandonedLinks, removeAbandoned } from '../linux/orphans.ts';
import { shaperNames } from '../linux/shaper.ts';
import type { Session } from './session.ts';

/**
 * Removes links that killed ADDs left on this host. Another network or runtime may be in the middle of an ADD, so young links
 * stay, and so do those that got an endpoint or a route since they were listed.
 */
export async function removeOrphanedLinks(session: Session): Promise<void> {
  const now = () => Number(session.world.now() / 1_000_000n);
  const listed = abandonedLinks(now());
  if (listed.length === 0) return;
  // The plugin may not list a node's pods, so their pairs cannot be distinguished from those of killed ADDs.
  if (session.datastore === 'kubernetes') return removeAbandoned(shapersAmong(listed), now());
  const { node } = session.identity;
  const interfaces = await transact(session, () => interfacesNamed(node));
  if (interfaces !== undefined) removeAbandoned(unnamed(listed, interfaces, interfaces.flatMap(shaperNames)), now());
}
