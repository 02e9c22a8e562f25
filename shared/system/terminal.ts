import { anyLibc } from './libc.ts';

/** Whether a descriptor is a terminal. Without the C library, node:tty is loaded, which takes 2 ms. */
export function isTerminal(fd: number): boolean {
  const c = anyLibc();
  return c === undefined ? process.getBuiltinModule('node:tty').isatty(fd) : c.isatty(fd) === 1;
}
