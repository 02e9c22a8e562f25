/** A value that is expected only in part, such as `expect.any(String)`. */
export interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean;
}

const isObject = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === 'object' && value !== null;

const isAsymmetric = (value: unknown): value is Asymmetric =>
  isObject(value) && typeof value['asymmetricMatch'] === 'function';

/** Equal by value: properties that are undefined count as missing, classes do not matter. */
export const equals = (actual: unknown, expected: unknown): boolean => compare(actual, expected, false);

/** The same, but what `expected` does not mention may be anything. */
export const matches = (actual: unknown, expected: unknown): boolean => compare(actual, expected, true);

function compare(actual: unknown, expected: unknown, isPart: boolean): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual);
  if (Object.is(actual, expected)) return true;
  return isObject(actual) && isObject(expected) && compareObjects(actual, expected, isPart);
}

function compareObjects(actual: Fields, expected: Fields, isPart: boolean): boolean {
  if (expected instanceof Error && !isPart) return sameError(actual, expected);
  if (expected instanceof Date || expected instanceof RegExp) return sameText(actual, expected);
  if (expected instanceof Map || expected instanceof Set) return sameCollection(actual, expected);
  if (ArrayBuffer.isView(expected) || Array.isArray(expected)) return sameList(actual, expected, isPart);
  if (Array.isArray(actual) || actual instanceof Map || actual instanceof Set) return false;
  return sameFields(actual, expected, isPart);
}

const sameError = (actual: unknown, expected: Error): boolean =>
  actual instanceof Error &&
  actual.name === expected.name &&
  actual.message === expected.message &&
  compare(actual.cause, expected.cause, false);

const sameText = (actual: object, expected: Date | RegExp): boolean =>
  actual.constructor === expected.constructor &&
  JSON.stringify(actual) + actual === JSON.stringify(expected) + expected;

function sameCollection(actual: unknown, expected: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): boolean {
  if (expected instanceof Map) {
    if (!(actual instanceof Map) || actual.size !== expected.size) return false;
    return [...expected].every(([key, value]) =>
      actual.has(key)
        ? compare(actual.get(key), value, false)
        : [...actual].some(([other, found]) => equals(other, key) && equals(found, value)),
    );
  }
  if (!(actual instanceof Set) || actual.size !== expected.size) return false;
  return [...expected.keys()].every((one) => actual.has(one) || [...actual].some((other) => equals(other, one)));
}

type List = ArrayLike<unknown>;

function sameList(actual: object, expected: object, isPart: boolean): boolean {
  if (Array.isArray(actual) !== Array.isArray(expected)) return false;
  const [one, other] = [actual as unknown as List, expected as unknown as List];
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (!compare(one[at], other[at], isPart)) return false;
  return true;
}

type Fields = Readonly<Record<PropertyKey, unknown>>;

function sameFields(actual: Fields, expected: Fields, isPart: boolean): boolean {
  const keys = Reflect.ownKeys(expected).filter((key) => isEnumerable(expected, key));
  if (!keys.every((key) => sameField(actual, expected, key, isPart))) return false;
  if (isPart) return true;
  const others = Reflect.ownKeys(actual).filter((key) => isEnumerable(actual, key) && !keys.includes(key));
  return others.every((key) => actual[key] === undefined);
}

function sameField(actual: Fields, expected: Fields, key: PropertyKey, isPart: boolean): boolean {
  if (isPart && expected[key] === undefined && !(key in actual)) return false;
  return compare(actual[key], expected[key], isPart);
}

const isEnumerable = (of: object, key: PropertyKey): boolean => Object.prototype.propertyIsEnumerable.call(of, key);
