import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** The results of a run, counted for the last line of `npm test`. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Writes the totals to the file named in CALICO_TOTALS. Each error outside tests counts as a failure. */
export const totals: Reporter = {
  onTestRunEnd(modules, unhandled) {
    const file = process.env['CALICO_TOTALS'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(count(modules, unhandled.length)));
  },
};

function count(modules: readonly TestModule[], unhandled: number): Totals {
  const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
  const holders = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = holders.reduce((sum, holder) => sum + holder.errors().length, 0);
  const having = (wanted: string) => states.filter((state) => state === wanted).length;
  // A test that never ran has not passed.
  return {
    passed: having('passed'),
    failed: having('failed') + broken + unhandled,
    skipped: having('skipped') + having('pending'),
  };
}
