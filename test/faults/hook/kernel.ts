import { platform as native } from '../../../shared/platform/native.ts';
import type { Platform } from '../../../shared/platform/platform.ts';
import { next, pass } from './boundary.ts';

/**
 * rtnetlink objects by message type. Of each group of four, the first creates or changes, the second deletes
 * (linux/rtnetlink.h).
 */
const OBJECTS: Readonly<Record<number, string>> = { 16: 'link', 20: 'address', 24: 'route' };
const TYPE_AT = 4;

/** "No buffer space available": the error of a kernel short of memory. */
const shortOfMemory = (): Error =>
  Object.assign(new Error('ENOBUFS: no buffer space available, send'), {
    code: 'ENOBUFS',
    errno: 105,
    syscall: 'send',
  });

/** Every change requested from the kernel by netlink is a boundary: the kernel has done its work when `send` returns. */
export const send: Platform['send'] = (fd, bytes, flags) => {
  const type = bytes.length < HEADER ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint16(TYPE_AT, true);
  const object = OBJECTS[type & ~3];
  if (object === undefined || (type & 3) > 1) return native.send(fd, bytes, flags);
  const place = { kind: 'kernel', number: next('kernel'), name: `${type & 1 ? 'del' : 'set'} ${object}` } as const;
  if (pass({ ...place, phase: 'before' }) === 'fails') throw shortOfMemory();
  const sent = native.send(fd, bytes, flags);
  pass({ ...place, phase: 'after' });
  return sent;
};

const HEADER = 16;
