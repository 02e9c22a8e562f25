import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { inWorkFolder } from '../../build/places.ts';
import { say } from '../../build/say.ts';
import { type Chance, chance, pick, sample } from '../support/inputs/chance.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { type Options, readOptions } from './options.ts';
import { copyTree, withSource } from './tree-copy.ts';

/**
 * `npm run mutate [-- --count N] [--seed N] [--only TEXT] [--unit]`: makes one random change at a time in a copy of
 * the product, and runs the tests: first the unit tests, then, for changes these miss, the integration tests. Prints a
 * line for each and exits 1 if a change went undetected.
 */
const PRODUCT = /^(?:plugins|ipam|shared|ctl)\/.*\.ts$/;
const GENERATED = /\/rpc\.ts$/;

/** An endless loop would keep a test runner running, so `timeout` also ends the processes that it started. */
const within = (seconds: number): readonly string[] => ['timeout', '--signal=KILL', String(seconds), 'node'];
const VITEST = [...within(300), 'node_modules/vitest/vitest.mjs'];
const UNIT = ['--configLoader=runner', '--config=test/vitest.config.ts', '--project', 'unit', '--bail', '1'];
const UNIT_TESTS = [...VITEST, 'run', ...UNIT];
/** The unit tests that load a file. There may be none. */
const unitTestsOf = (file: string): readonly string[] => [
  ...VITEST,
  ...['related', file, '--run', '--passWithNoTests', ...UNIT],
];
const INTEGRATION_TESTS = [...within(3600), 'build/bootstrap.mjs', 'test', 'test/integration', '--bail', '1'];

interface Break extends Mutant {
  readonly file: string;
}

type Verdict = 'unit' | 'integration' | 'missed';

async function main(options: Options): Promise<number> {
  return inWorkFolder(async (folder) => {
    const random = chance(options.seed);
    const files = (await copyTree(folder)).filter((file) => PRODUCT.test(file) && !GENERATED.test(file));
    const breaks = drawn(
      folder,
      files.filter((file) => file.includes(options.only)),
      options.count,
      random,
    );
    say(`${breaks.length} breaks, seed ${options.seed}`);
    await requireGreen(folder, options.integration);
    const counts: Record<Verdict, number> = { unit: 0, integration: 0, missed: 0 };
    for (const each of breaks) {
      const verdict = await judge(folder, each, options.integration);
      counts[verdict]++;
      console.log(`${verdict.padEnd(12)} ${each.file}:${each.line}  ${each.before}  →  ${each.after}`);
    }
    console.log(
      `${breaks.length} changes: ${counts.unit} detected by unit tests, ${counts.integration} by integration tests, ${counts.missed} missed`,
    );
    return counts.missed === 0 ? 0 : 1;
  });
}

/** A test that fails without a change would appear to detect every one. */
async function requireGreen(folder: string, integration: boolean): Promise<void> {
  if (await fails(folder, UNIT_TESTS)) throw new Error('The unit tests fail without any change');
  if (integration && (await fails(folder, INTEGRATION_TESTS)))
    throw new Error('The integration tests fail without any change');
}

/** One change in each of this many files. */
function drawn(folder: string, files: readonly string[], count: number, random: Chance): readonly Break[] {
  const mutable = files.flatMap((file) => {
    const mutants = mutantsOf(readFileSync(join(folder, file), 'utf8'));
    return mutants.length === 0 ? [] : [{ file, mutants }];
  });
  return sample(random, mutable, count).map(({ file, mutants }) => ({ file, ...pick(random, mutants) }));
}

function judge(folder: string, { file, source }: Break, integration: boolean): Promise<Verdict> {
  const place = join(folder, file);
  return withSource(place, readFileSync(place, 'utf8'), source, async () => {
    if (await fails(folder, unitTestsOf(file))) return 'unit';
    if (integration && (await fails(folder, INTEGRATION_TESTS))) return 'integration';
    return 'missed';
  });
}

async function fails(folder: string, [program = '', ...args]: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa(program, args, { cwd: folder, reject: false, stdio: 'ignore' });
  return exitCode !== 0;
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
