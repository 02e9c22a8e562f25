import { removeHostLink } from './kernel.ts';
import type { Netns } from './netns.ts';
import { readContainer } from './pair-state.ts';
import type { VethRequest } from './veth-plan.ts';

/** Removes a pair that this call has made, for undoing: another call's by the same name, which the MAC in the container tells, stays. */
export function removeOwnPair({ hostName, containerName, mac }: VethRequest, netns: Netns): void {
  const inside = readContainer(netns).links.find(({ ifname }) => ifname === containerName);
  if (inside?.mac === mac) removeHostLink(hostName);
}
