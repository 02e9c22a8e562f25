import { platform } from '#platform';
import type { World } from '../../shared/system/world.ts';
import type { Context } from './context.ts';
import { UsageError } from './usage-error.ts';

/** Something the user must confirm. */
export interface Confirmation {
  /** What will be lost, in full lines. */
  readonly about: string;
  readonly text: string;
  /** The error without a terminal: which option to give instead. */
  readonly unasked: string;
}

type Asking = Pick<Context, 'out' | 'confirm'>;

/** Whether the user agrees. Throws UsageError if standard input is not a terminal. */
export function isAgreed({ out, confirm }: Asking, { about, text, unasked }: Confirmation): boolean {
  if (!platform.isTerminal(0)) throw new UsageError(unasked);
  out(about);
  if (confirm(text)) return true;
  out('Nothing was changed.\n');
  return false;
}

/** Asks on standard error and reads one line of standard input. End of input means no. */
export function askOnTerminal(world: World, question: string): boolean {
  world.stderr(`${question} [y/N] `);
  return /^y/i.test(readLine().trim());
}

/** Byte by byte: what follows the line is for others. */
function readLine(): string {
  const byte = new Uint8Array(1);
  let line = '';
  try {
    while (platform.read(0, byte) === 1 && byte[0] !== 0x0a) line += String.fromCharCode(byte[0] ?? 0);
  } catch {
    // There is no one to ask.
  }
  return line;
}
