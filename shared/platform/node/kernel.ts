import { writeSync } from 'node:fs';
import type { Platform } from '../platform.ts';

type LocksAndSockets = Pick<
  Platform,
  'flock' | 'flockWithin' | 'rangeLock' | 'isRangeLocked' | 'setns' | 'socket' | 'setsockopt' | 'send' | 'recv'
>;

const missing = (syscall: string) => (): never => {
  throw Object.assign(new Error(`ENOSYS: function not implemented, ${syscall}`), {
    code: 'ENOSYS',
    errno: 38,
    syscall,
  });
};

/** System calls that Node.js does not offer. */
export const locksAndSockets: LocksAndSockets = {
  flock: missing('flock'),
  flockWithin: missing('flock'),
  rangeLock: () => undefined,
  isRangeLocked: () => false,
  setns: missing('setns'),
  socket: missing('socket'),
  setsockopt: missing('setsockopt'),
  // It waits where send(2) need not.
  send: (fd, bytes) => writeSync(fd, bytes),
  recv: missing('recv'),
};
