import { platform } from '#platform';
import { Errno } from './errno.ts';
import { getLinkAt } from './link.ts';
import { type Received, u32 } from './message.ts';
import { KernelRefused, openNetlink, SOL_NETLINK } from './socket.ts';
import { receiveRest } from './together.ts';

const ADD_MEMBERSHIP = 1;
/** What the kernel tells of, for both families (linux/rtnetlink.h). */
const GROUPS = { routes: [1, 7, 11], addresses: [5, 9] } as const;
const LOOPBACK = 1;

/** What the kernel tells of changes, whoever makes them. */
export interface Notices {
  /** What has been told since the last time; undefined if it was too much to be kept. */
  take(): readonly Received[] | undefined;
  close(): void;
}

/** Listens in the current namespace; `routes` also tells of links. */
export function openNotices(of: keyof typeof GROUPS): Notices {
  const { ask, channel, close } = openNetlink('route');
  for (const group of GROUPS[of]) platform.setsockopt(channel.fd, SOL_NETLINK, ADD_MEMBERSHIP, u32(group));
  // A socket has an address, and is told, only once it has sent something.
  ask(getLinkAt(LOOPBACK));
  return { take: () => taken(() => receiveRest(channel)), close };
}

function taken(receive: () => readonly Received[]): readonly Received[] | undefined {
  try {
    return receive();
  } catch (error) {
    if (error instanceof KernelRefused && error.errno === Errno.noBuffers) return undefined;
    throw error;
  }
}
