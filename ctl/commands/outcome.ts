import { type Failure, failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import type { Kind } from '../kinds/kind.ts';

/** The results of a command on several resources. */
export interface Results {
  readonly kinds: readonly Kind[];
  readonly done: number;
  readonly failures: readonly unknown[];
}

/** A command's verb in messages: `create`, `created`. */
export interface VerbForms {
  readonly word: string;
  readonly past: string;
}

/** The text for standard output, and the error if there is one, in the original's words. */
export function resultText(
  { word, past }: VerbForms,
  { kinds, done, failures }: Results,
): { out: string; error?: Failure } {
  const single = new Set(kinds).size === 1 ? ` '${kinds[0]?.name}'` : '';
  if (kinds.length === 0) return { out: 'No resources specified\n' };
  if (failures.length === 0) return { out: `Successfully ${past} ${done}${single} resource(s)\n` };
  const errors = failures.map((failed) => toFailure(failed, 'writing resources'));
  const all = `[${errors.map(({ message }) => message).join(' ')}]`;
  const details = errors.flatMap((error) => error.details ?? []).join('\n  ') || undefined;
  const fail = (message: string) => failure(message, details);
  if (word === 'delete') {
    const message = errors.map((error) => `Failed to delete${single} resource: ${error.message}`).join('\n');
    return { out: done > 0 ? `Successfully deleted ${done}${single} resource(s)\n` : '', error: fail(message) };
  }
  if (done > 0) {
    const out = `Partial success: ${past} ${done} out of ${kinds.length}${single} resources:\n`;
    return { out, error: fail(`Hit error(s): ${all}`) };
  }
  const what = kinds.length === 1 ? `${single} resource` : ` any${single} resources`;
  return { out: '', error: fail(`Failed to ${word}${what}: ${all}`) };
}
