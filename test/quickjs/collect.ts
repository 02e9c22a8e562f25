import { titleOf } from './title.ts';

type Work = (...args: never[]) => unknown;
export type Hook = () => unknown;

/** A test. */
export interface Case {
  readonly title: string;
  readonly run: () => unknown;
}

/** A `describe`, or a whole file. */
export interface Suite {
  readonly title: string;
  readonly parts: (Case | Suite)[];
  readonly hooks: Record<'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll', Hook[]>;
}

const openSuite = (title: string): Suite => ({
  title,
  parts: [],
  hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
});

let current = openSuite('');
let file = '';

/** The file whose tests run. */
export const currentFile = (): string => file;

/** The tests that `load` describes, as one suite. */
export async function collected(title: string, load: () => Promise<unknown>): Promise<Suite> {
  const suite = openSuite(title);
  current = suite;
  file = title;
  await load();
  return suite;
}

type Given = readonly unknown[];
type Declare = (title: string, ...given: Given) => void;
type Table = (rows: Iterable<unknown>) => Declare;

/** The work among a title's other arguments: options or a time limit may come before or after it. */
const workOf = (given: Given): Work => (given.find((one) => typeof one === 'function') ?? (() => undefined)) as Work;

function addTest(title: string, run: () => unknown): void {
  current.parts.push({ title, run });
}

function addSuite(title: string, describe: () => unknown): void {
  const outer = current;
  const suite = openSuite(title);
  outer.parts.push(suite);
  current = suite;
  describe();
  current = outer;
}

/** `each` gives a row's values one by one, `for` the row itself. */
const tables = (add: (title: string, run: () => unknown) => void) => {
  const rowsOf =
    (spread: boolean): Table =>
    (rows) =>
    (title, ...given) => {
      const work = workOf(given);
      for (const [index, row] of [...rows].entries()) {
        const values = Array.isArray(row) ? (row as Given) : [row];
        add(titleOf(title, values, index), () => work(...((spread ? values : [row]) as never[])));
      }
    };
  return { each: rowsOf(true), for: rowsOf(false) };
};

interface Declared extends Declare {
  readonly each: Table;
  readonly for: Table;
  readonly skip: Declare;
  readonly runIf: (wanted: boolean) => Declared;
  readonly skipIf: (unwanted: boolean) => Declared;
}

function declared(add: (title: string, run: () => unknown) => void): Declared {
  const nothing: Declare = () => undefined;
  const declare: Declare = (title, ...given) => add(title, () => workOf(given)(...([] as never[])));
  const skipping = Object.assign(nothing.bind(undefined), {
    ...tables(() => undefined),
    skip: nothing,
    runIf: () => skipping,
    skipIf: () => skipping,
  }) as Declared;
  const own: Declared = Object.assign(declare, {
    ...tables(add),
    skip: nothing,
    runIf: (wanted: boolean) => (wanted ? own : skipping),
    skipIf: (unwanted: boolean) => (unwanted ? skipping : own),
  });
  return own;
}

export const test = declared(addTest);
export const it = declared(addTest);
export const describe = declared(addSuite);
export const beforeAll = (hook: Hook): void => void current.hooks.beforeAll.push(hook);
export const beforeEach = (hook: Hook): void => void current.hooks.beforeEach.push(hook);
export const afterEach = (hook: Hook): void => void current.hooks.afterEach.push(hook);
export const afterAll = (hook: Hook): void => void current.hooks.afterAll.push(hook);
