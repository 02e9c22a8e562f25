import { removeHostLink } from './kernel.ts';
import type { Netns } from './netns.ts';
import { containerLink } from './pair-state.ts';
import type { VethRequest } from './veth-plan.ts';

/** Removes a pair that this call has made, for undoing: another call's by the same name, which the MAC in the container tells, stays. */
export function removeOwnPair({ hostName, containerName, mac }: VethRequest, netns: Netns): void {
  if (containerLink(netns, containerName)?.mac === mac) removeHostLink(hostName);
}
