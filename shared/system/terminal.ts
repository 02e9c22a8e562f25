import { anyLibc } from './libc.ts';

/** Whether a descriptor is a terminal. Where the C library cannot be asked, node:tty is loaded for it, which takes 2 ms. */
export function isTerminal(fd: number): boolean {
  const c = anyLibc();
  return c === undefined ? process.getBuiltinModule('node:tty').isatty(fd) : c.isatty(fd) === 1;
}
