import { join } from 'node:path';
import { ROOT } from './places.ts';
import { run } from './sandbox.ts';

/** `npm run check`: types, format and lint, dead code, unit tests. Stops at the first failure. */
const CHECKS = [
  ['tsc'],
  ['biome', 'ci', '--config-path=.biome.json'],
  ['knip', '--no-progress'],
  ['vitest', 'run', '--configLoader=runner', '--config=test/vitest.config.ts', '--project', 'unit'],
];

for (const [program = '', ...args] of CHECKS) {
  process.exitCode = await run([join(ROOT, 'node_modules/.bin', program), ...args]);
  if (process.exitCode !== 0) break;
}
