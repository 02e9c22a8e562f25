import { describe, expect, test } from 'vitest';
import { runCase } from '../../fuzz/case.ts';
import { FUZZERS } from '../../fuzz/fuzzers.ts';

const SEED = 1;
const CASES = 300;

describe('input from outside', () => {
  test.each(Object.keys(FUZZERS))(
    '%s: no hang, no internal error, no partial change',
    { timeout: 60_000 },
    async (name) => {
      for (let number = 0; number < CASES; number++) expect(await runCase(name, SEED, number)).toBeUndefined();
    },
  );
});
