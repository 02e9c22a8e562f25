import { readSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { World } from '../../shared/system/world.ts';
import type { Context } from './context.ts';
import { UsageError } from './usage-error.ts';

/** What is to be agreed to. */
export interface Confirmation {
  /** What is at stake, whole lines. */
  readonly about: string;
  readonly text: string;
  /** What is told where nobody can be asked: what to give instead. */
  readonly unasked: string;
}

type Asking = Pick<Context, 'out' | 'confirm'>;

/** Whether the user agrees. Throws UsageError where nobody is at standard input to ask. */
export function isAgreed({ out, confirm }: Asking, { about, text, unasked }: Confirmation): boolean {
  if (!isatty(0)) throw new UsageError(unasked);
  out(about);
  if (confirm(text)) return true;
  out('Nothing was changed.\n');
  return false;
}

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
