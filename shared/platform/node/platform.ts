import type { Platform } from '../platform.ts';
import { conversions } from './conversions.ts';
import { files } from './files.ts';
import { locksAndSockets } from './kernel.ts';
import { network } from './network.ts';
import { surroundings } from './process.ts';
import { programs } from './programs.ts';

/** The platform of unit tests and tools of development: Node.js. It lacks the kernel's own interfaces, such as netlink. */
export const platform: Platform = {
  ...surroundings,
  ...files,
  ...locksAndSockets,
  ...programs,
  ...conversions,
  ...network,
};
