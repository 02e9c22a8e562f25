import { readSync } from 'node:fs';
import type { World } from '../shared/world.ts';

/** Asks on standard error and reads one line of standard input; an end of input is a no. */
export function askOnTerminal(world: World, question: string): boolean {
  world.stderr(`${question} [y/N] `);
  return /^y/i.test(readLine().trim());
}

/** Byte by byte: what follows the line is not ours. */
function readLine(): string {
  const byte = Buffer.alloc(1);
  let line = '';
  try {
    while (readSync(0, byte) === 1 && byte[0] !== 0x0a) line += byte.toString('latin1');
  } catch {
    // Nobody there to ask.
  }
  return line;
}
