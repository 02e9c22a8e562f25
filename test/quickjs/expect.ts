import { folderOf } from '../../shared/system/file-name.ts';
import { readText } from '../../shared/system/files.ts';
import { currentFile } from './collect.ts';
import { type Asymmetric, equals, matches } from './equality.ts';
import { softly } from './failures.ts';
import { join } from './node/path.ts';
import { shown } from './title.ts';

type Matcher = (actual: unknown, ...expected: readonly unknown[]) => boolean | Promise<boolean>;
type Thrown = { readonly thrown: unknown } | undefined;

const textIn = (actual: unknown, expected: unknown): boolean =>
  expected instanceof RegExp ? expected.test(String(actual)) : String(actual).includes(String(expected));

function thrownBy(work: unknown): Thrown {
  try {
    (work as () => unknown)();
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

/** As vitest compares what was thrown. */
function isThrown(thrown: unknown, expected: unknown): boolean {
  if (expected === undefined) return true;
  if (typeof expected === 'function') return thrown instanceof expected;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (typeof expected === 'string' || expected instanceof RegExp) return textIn(message, expected);
  return expected instanceof Error ? message === expected.message : equals(thrown, expected);
}

function contains(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'string') return actual.includes(String(expected));
  return [...(actual as Iterable<unknown>)].includes(expected);
}

function hasProperty(actual: unknown, path: unknown, ...value: readonly unknown[]): boolean {
  const keys = Array.isArray(path) ? (path as readonly string[]) : String(path).split('.');
  let found = actual;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !(key in found)) return false;
    found = Reflect.get(found, key);
  }
  return value.length === 0 || equals(found, value[0]);
}

const MATCHERS: Readonly<Record<string, Matcher>> = {
  toBe: Object.is,
  toEqual: equals,
  toMatchObject: matches,
  toMatch: textIn,
  toContain: contains,
  toContainEqual: (actual, expected) => [...(actual as Iterable<unknown>)].some((one) => equals(one, expected)),
  toHaveLength: (actual, length) => (actual as ArrayLike<unknown>).length === length,
  toHaveProperty: hasProperty,
  toBeUndefined: (actual) => actual === undefined,
  toBeDefined: (actual) => actual !== undefined,
  toBeInstanceOf: (actual, type) => actual instanceof (type as new () => object),
  toBeGreaterThan: (actual, limit) => (actual as number) > (limit as number),
  toBeLessThan: (actual, limit) => (actual as number) < (limit as number),
  toBeLessThanOrEqual: (actual, limit) => (actual as number) <= (limit as number),
  toSatisfy: (actual, accepts) => (accepts as (value: unknown) => boolean)(actual),
  toBeCloseTo: (actual, expected) => Math.abs((actual as number) - (expected as number)) < 0.005,
  toThrow(actual, expected) {
    const found = typeof actual === 'function' ? thrownBy(actual) : { thrown: actual };
    return found !== undefined && isThrown(found.thrown, expected);
  },
  toMatchFileSnapshot: async (actual, file) => readText(join(folderOf(currentFile()), String(file))) === actual,
};

type Say = (text: string) => void;
type Matchers = Record<string, (...expected: readonly unknown[]) => unknown>;

function matchersOf(take: () => unknown, isNot: boolean, fail: Say): Matchers {
  const entries = Object.entries(MATCHERS).map(([name, matcher]) => {
    const check = (...expected: readonly unknown[]): unknown => {
      const judge = (actual: unknown) => {
        const end = (isRight: boolean) => {
          if (isRight === isNot)
            fail(`${shown(actual)} ${isNot ? 'not ' : ''}${name} ${expected.map(shown).join(', ')}`);
        };
        const found = matcher(actual, ...expected);
        return typeof found === 'boolean' ? end(found) : found.then(end);
      };
      const actual = take();
      return actual instanceof Settled ? actual.outcome.then(judge) : judge(actual);
    };
    return [name, check] as const;
  });
  return Object.fromEntries(entries);
}

/** A promise's value, or reason, to wait for. */
class Settled {
  readonly outcome: Promise<unknown>;

  constructor(outcome: Promise<unknown>) {
    this.outcome = outcome;
  }
}

function both(take: () => unknown, fail: Say) {
  return Object.assign(matchersOf(take, false, fail), { not: matchersOf(take, true, fail) });
}

function expecting(actual: unknown, fail: Say) {
  const promise = async () => (typeof actual === 'function' ? actual() : actual) as unknown;
  const rejected = () =>
    promise().then(
      () => fail('the promise was not rejected'),
      (reason: unknown) => reason,
    );
  return Object.assign(
    both(() => actual, fail),
    {
      resolves: both(() => new Settled(promise()), fail),
      rejects: both(() => new Settled(rejected()), fail),
    },
  );
}

class Failed extends Error {}

const failing =
  (message: string | undefined): Say =>
  (text) => {
    throw new Failed(message === undefined ? text : `${message}: ${text}`);
  };

const partly = (asymmetricMatch: (actual: unknown) => boolean): Asymmetric => ({ asymmetricMatch });

const isOf = (actual: unknown, type: unknown): boolean =>
  type === String || type === Number
    ? typeof actual === (type === String ? 'string' : 'number')
    : actual instanceof (type as new () => object);

/** As vitest's. */
export const expect = Object.assign((actual: unknown, message?: string) => expecting(actual, failing(message)), {
  soft: (actual: unknown, message = '') => expecting(actual, (text) => softly(new Failed(`${message}: ${text}`))),
  any: (type: unknown) => partly((actual) => isOf(actual, type)),
  anything: () => partly((actual) => actual !== undefined && actual !== null),
  objectContaining: (part: unknown) => partly((actual) => matches(actual, part)),
  stringContaining: (part: string) => partly((actual) => typeof actual === 'string' && actual.includes(part)),
  stringMatching: (pattern: RegExp | string) =>
    partly((actual) => typeof actual === 'string' && new RegExp(pattern).test(actual)),
  arrayContaining: (parts: readonly unknown[]) =>
    partly((actual) => Array.isArray(actual) && parts.every((part) => actual.some((one) => equals(one, part)))),
  not: {
    stringContaining: (part: string) => partly((actual) => typeof actual === 'string' && !actual.includes(part)),
  },
});
