import type { Libc } from './libc.ts';

/** struct flock of fcntl(2): type, whence, start, length and process, which is 0 for locks of an open file. */
const SIZE = 32;
const Type = { write: 1, none: 2 } as const;
/** F_OFD_GETLK and F_OFD_SETLK: locks of the open file, which the kernel releases however the process ends. */
const LOOK = 36;
const SET = 37;
/** The errors for a lock that is held elsewhere: EACCES, EAGAIN. */
const TAKEN = [13, 11];

/** Locks on single bytes of a file, by their offset, which may be beyond its end. */
export interface RangeLocks {
  /** Takes a lock without waiting: true if taken. Undefined when the kernel or the file system does not support such locks. */
  tryLock(place: bigint): boolean | undefined;
  unlock(place: bigint): void;
  isHeldElsewhere(place: bigint): boolean;
}

/** The locks of a file that is open for writing. */
export function rangeLocks(c: Libc, fd: number): RangeLocks {
  const ask = (command: number, type: number, place: bigint): { result: number; type: number } => {
    const lock = Buffer.alloc(SIZE);
    lock.writeInt16LE(type, 0);
    lock.writeBigInt64LE(place, 8);
    lock.writeBigInt64LE(1n, 16);
    const result = c.fcntl(fd, command, lock);
    return { result, type: lock.readInt16LE(0) };
  };
  return {
    tryLock(place) {
      if (ask(SET, Type.write, place).result === 0) return true;
      return TAKEN.includes(c.errno()) ? false : undefined;
    },
    unlock: (place) => void ask(SET, Type.none, place),
    isHeldElsewhere(place) {
      const { result, type } = ask(LOOK, Type.write, place);
      return result === 0 && type !== Type.none;
    },
  };
}
