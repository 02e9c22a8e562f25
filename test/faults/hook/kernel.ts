import { type Libc, libc as real } from '../../../shared/system/libc.ts';
import { next, pass } from './boundary.ts';

/** The C library as the fault build calls it: every change asked of the kernel by netlink is a boundary. */
export type { Libc } from '../../../shared/system/libc.ts';

/** Objects of rtnetlink by message type; of each four the first makes or changes one, the second removes it (linux/rtnetlink.h). */
const OBJECTS: Readonly<Record<number, string>> = { 16: 'link', 20: 'address', 24: 'route' };
const TYPE_AT = 4;
/** "No buffer space available": what a kernel short of memory says. */
const ENOBUFS = 105;

let refused = false;

/** Files are node:fs's business here, where they are watched. */
export const anyLibc = (): undefined => undefined;

export const libc = (): Libc => {
  const c = real();
  return { ...c, send: (...args) => watched(c, ...args), errno: () => (refused ? ENOBUFS : c.errno()) };
};

/** The kernel has done what it was asked when `send` returns. */
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
