import { expect, test } from 'vitest';
import { runCase } from '../../fuzz/case.ts';

/** Of some four hundred calls each; more with `npm run fuzz -- --only nativeHost`. */
const CASES = 25;

test('hostile calls of every native function end in errors: no crash, no hang', { timeout: 300_000 }, async () => {
  for (let number = 0; number < CASES; number++) expect(await runCase('nativeHost', 1, number)).toBeUndefined();
});
