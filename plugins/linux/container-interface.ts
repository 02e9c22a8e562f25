import { getLinkAt, type Link, readLink } from '../../shared/netlink/link.ts';
import { getNetnsNumber, readNetnsNumber } from '../../shared/netlink/netns-number.ts';
import { askIfThere, KernelRefused, type Netlink, withNetlink } from '../../shared/netlink/socket.ts';
import type { ContainerInterface } from '../dataplane/container-interface.ts';
import type { Netns } from './netns.ts';
import { containerLink } from './pair-state.ts';

/** The interface of this name in the container; undefined when there is none. */
export function containerInterface(netns: Netns, name: string): ContainerInterface | undefined {
  const link = containerLink(netns, name);
  if (link === undefined) return undefined;
  return { mac: link.mac, host: withNetlink((kernel) => hostEnd(kernel, link, netns)) };
}

/** Checks both ends: the same index is another link in every namespace. */
function hostEnd(kernel: Netlink, { index, peer }: Link, netns: Netns): Link | undefined {
  const link = peer === 0 ? undefined : linkAt(kernel, peer);
  if (link === undefined || link.peer !== index) return undefined;
  return link.peerNetns === undefined || link.peerNetns === numberOf(kernel, netns) ? link : undefined;
}

const linkAt = (kernel: Netlink, index: number): Link | undefined =>
  askIfThere(kernel, getLinkAt(index)).map(readLink)[0];

function numberOf(kernel: Netlink, { fd }: Netns): number {
  try {
    return kernel.ask(getNetnsNumber(fd)).map(readNetnsNumber)[0] ?? -1;
  } catch (error) {
    if (error instanceof KernelRefused) return -1;
    throw error;
  }
}
