import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Totals } from '../test/totals.ts';
import { build } from './executables.ts';
import { CACHE, ROOT } from './places.ts';
import { asRoot } from './privilege.ts';
import { furnishSandbox, isInSandbox, run, runInSandbox } from './sandbox.ts';
import { reasonOf, say } from './say.ts';
import { setup } from './setup.ts';
import { needsOf } from './test-needs.ts';
import { toolsVariable } from './tools.ts';

/**
 * `npm test [-- FILTER …]`: all tests, in their own network and mount namespaces, or only the unit tests without root.
 * Builds and fetches only what the selected tests need. The last line counts passed, failed and skipped tests.
 */
const TOTALS = join(CACHE, `totals-${process.pid}.json`);

async function main(): Promise<number> {
  if (isInSandbox()) {
    furnishSandbox();
    return run(process.argv.slice(2));
  }
  return exitWith(await runAll());
}

async function runAll(): Promise<number> {
  mkdirSync(CACHE, { recursive: true });
  const vitest = [
    'node',
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--configLoader=runner',
    '--config=test/vitest.config.ts',
  ];
  const words = process.argv.slice(2);
  const command = [...vitest, ...words];
  const variables = { CALICO_TOTALS: TOTALS };
  const needs = needsOf(words, testFiles(), ROOT);
  if (needs === undefined || (await asRoot()) === undefined) return run(command, variables);
  const found = await setup(needs.extras);
  await build();
  const inner = [process.execPath, ...process.execArgv, import.meta.filename, ...command];
  return runInSandbox(inner, { ...variables, ...toolsVariable(found), CALICO_HOST: found.host });
}

function testFiles(): readonly string[] {
  const names = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name}`);
}

/** Prints the last line. Returns the exit status. A run that was aborted counts as a failure. */
function exitWith(status: number): number {
  const none: Totals = { passed: 0, failed: 0, skipped: 0 };
  const totals: Totals = existsSync(TOTALS) ? JSON.parse(readFileSync(TOTALS, 'utf8')) : none;
  rmSync(TOTALS, { force: true });
  const failed = status === 0 ? totals.failed : Math.max(1, totals.failed);
  console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`);
  return status === 0 && failed > 0 ? 1 : status;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(reasonOf(error));
  process.exitCode = exitWith(1);
}
