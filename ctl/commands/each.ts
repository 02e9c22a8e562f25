import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import type { Kind } from '../kinds/kind.ts';
import { Refused } from '../resource/fault.ts';
import type { Results } from './outcome.ts';

const REPORT_EVERY = 100;

/**
 * Does `work` for each item, even after failures. A Refused with the reason `skipped` is not a failure. Throws when the
 * datastore cannot be reached: the next item would fail too.
 */
export async function each<T extends { readonly kind: Kind }>(
  items: readonly T[],
  skipped: Refused['why'] | undefined,
  work: (item: T) => Promise<unknown>,
  progress: (text: string) => void,
): Promise<Results> {
  const failures: unknown[] = [];
  for (const [at, item] of items.entries()) {
    if (at % REPORT_EVERY === REPORT_EVERY - 1) progress(`${at + 1} of ${items.length} resources`);
    try {
      await work(item);
    } catch (thrown) {
      if (thrown instanceof Refused && thrown.why === skipped) continue;
      if (isUnavailable(thrown)) throw thrown;
      failures.push(thrown);
    }
  }
  progress('');
  return { kinds: items.map(({ kind }) => kind), done: items.length - failures.length, failures };
}
