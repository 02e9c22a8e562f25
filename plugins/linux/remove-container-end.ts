import type { Removal } from '../dataplane/dataplane.ts';
import { containerInterface } from './container-interface.ts';
import type { Netns } from './netns.ts';
import { removeInside } from './removal.ts';

/** Removes the interface in CNI_NETNS, and its other end, if it is this container's: the namespace may be another container's by now. */
export async function removeContainerEnd({ ownership, containerName, log }: Removal, netns: Netns): Promise<void> {
  const found = containerInterface(netns, containerName);
  if (found === undefined) return;
  const host = found.host?.name;
  if (await ownership.ofContainerInterface(found)) return removeInside(netns, containerName, host);
  log.info('Left an interface that does not belong to this container', {
    interface: containerName,
    netns: netns.path,
    host: host ?? '',
  });
}
