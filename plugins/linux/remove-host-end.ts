import type { Removal } from '../dataplane/dataplane.ts';
import { linkExists } from './kernel.ts';
import { removeOnHost, removeShaper } from './removal.ts';

/** Removes the host end that is left, if it can only be this container's, and a shaping device without a pair. */
export async function removeHostEnd({ hostName, ownership }: Pick<Removal, 'hostName' | 'ownership'>): Promise<void> {
  if (hostName === '') return;
  if (linkExists(hostName) && (await ownership.ofHostEnd())) await removeOnHost(hostName);
  await removeShaper(hostName);
}
