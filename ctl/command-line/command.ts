import type { Args } from './args.ts';
import type { Context } from './context.ts';

export type { Args } from './args.ts';

export { UsageError } from './usage-error.ts';

/** An option as the help shows it: `-f, --filename <file>`; one with `repeats` may be given several times. */
export interface Option {
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly fallback?: string;
  readonly repeats?: boolean;
}

interface Example {
  readonly what: string;
  /** Without the leading `calicoctl`. */
  readonly line: string;
}

/** One command of calicoctl. */
export interface Command {
  /** What is typed, e.g. `ipam show`. */
  readonly words: string;
  /** Operands as the help shows them: `<kind> [names...]`. */
  readonly operands?: string;
  /** What the first operand may be, for completion. */
  readonly operand?: readonly string[];
  readonly summary: string;
  /** More text for the help, in full sentences. */
  readonly about?: string;
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  /** Resolves to the exit status: 0 success, 1 failed or not clean. The user sees what it throws. */
  run(context: Context, args: Args): Promise<number>;
}
