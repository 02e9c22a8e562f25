import { type Libc, libc as real } from '../../../shared/system/libc.ts';
import { next, pass } from './boundary.ts';

/** The C library for the fault build: every change requested from the kernel by netlink is a boundary. */
export type { Libc } from '../../../shared/system/libc.ts';

/**
 * rtnetlink objects by message type. Of each group of four, the first creates or changes, the second deletes
 * (linux/rtnetlink.h).
 */
const OBJECTS: Readonly<Record<number, string>> = { 16: 'link', 20: 'address', 24: 'route' };
const TYPE_AT = 4;
/** "No buffer space available": the error of a kernel short of memory. */
const ENOBUFS = 105;

let refused = false;

/** Files are watched in node:fs. */
export const anyLibc = (): undefined => undefined;

export const libc = (): Libc => {
  const c = real();
  return { ...c, send: (...args) => watched(c, ...args), errno: () => (refused ? ENOBUFS : c.errno()) };
};

/** The kernel has done its work when `send` returns. */
function watched(c: Libc, ...args: Parameters<Libc['send']>): number {
  const [, bytes] = args;
  const type = new DataView(bytes.buffer, bytes.byteOffset).getUint16(TYPE_AT, true);
  const object = OBJECTS[type & ~3];
  refused = false;
  if (object === undefined || (type & 3) > 1) return c.send(...args);
  const place = { kind: 'kernel', number: next('kernel'), name: `${type & 1 ? 'del' : 'set'} ${object}` } as const;
  refused = pass({ ...place, phase: 'before' }) === 'fails';
  if (refused) return -1;
  const sent = c.send(...args);
  pass({ ...place, phase: 'after' });
  return sent;
}
