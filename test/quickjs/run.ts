import { utf8 } from '../../shared/bytes/text.ts';
import { type Case, collected, type Hook, type Suite } from './collect.ts';
import { takeSoftly } from './failures.ts';
import { platform } from './platform.ts';

/** What a run found. */
interface Found {
  passed: number;
  readonly failures: string[];
}

interface Around {
  readonly title: string;
  readonly before: readonly Hook[];
  readonly after: readonly Hook[];
}

/** A file of tests: its path, and how to load it. */
export type TestFile = readonly [path: string, load: () => Promise<unknown>];

/** A file that takes longer is named. */
const SLOW_MS = 5_000;

const say = (text: string): void => {
  for (let bytes = utf8(text); bytes.length > 0; ) bytes = bytes.subarray(platform.write(1, bytes));
};

/** Runs the tests of all files whose path contains one of the words; exits with 1 when one has failed. */
export async function runFiles(files: readonly TestFile[], words: readonly string[]): Promise<never> {
  const found: Found = { passed: 0, failures: [] };
  const wanted = files.filter(([path]) => words.length === 0 || words.some((word) => path.includes(word)));
  for (const [path, load] of wanted) {
    const began = platform.elapsed();
    try {
      await runSuite(await collected(path, load), { title: '', before: [], after: [] }, found);
    } catch (thrown) {
      found.failures.push(failureText(path, thrown));
    }
    const ms = platform.elapsed() - began;
    if (ms > SLOW_MS) say(`${path} took ${Math.round(ms)} ms\n`);
  }
  for (const text of found.failures) say(`FAIL ${text}\n\n`);
  say(`${wanted.length} files: ${found.passed} passed, ${found.failures.length} failed\n`);
  return platform.exit(found.failures.length === 0 ? 0 : 1);
}

async function runSuite(suite: Suite, outer: Around, found: Found): Promise<void> {
  const { title, parts, hooks } = suite;
  const around = {
    title: outer.title === '' ? title : `${outer.title} > ${title}`,
    before: [...outer.before, ...hooks.beforeEach],
    after: [...hooks.afterEach, ...outer.after],
  };
  for (const hook of hooks.beforeAll) await hook();
  for (const part of parts) {
    if ('run' in part) await runCase(part, around, found);
    else await runSuite(part, around, found);
  }
  for (const hook of hooks.afterAll) await hook();
}

async function runCase({ title, run }: Case, { title: outer, before, after }: Around, found: Found): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: () => unknown) => {
    try {
      await work();
    } catch (thrown) {
      failures.push(thrown);
    }
  };
  await attempt(async () => {
    for (const hook of before) await hook();
    await run();
  });
  for (const hook of after) await attempt(hook);
  failures.push(...takeSoftly());
  if (failures.length === 0) found.passed++;
  else found.failures.push(failureText(`${outer} > ${title}`, failures[0]));
}

function failureText(title: string, thrown: unknown): string {
  if (!(thrown instanceof Error)) return `${title}\n  ${String(thrown)}`;
  const where = (thrown.stack ?? '').split('\n').slice(0, 6).join('\n');
  return `${title}\n  ${thrown.name}: ${thrown.message}\n${where}`;
}
