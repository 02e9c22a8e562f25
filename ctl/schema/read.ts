import { Bare, plain } from '../resource/bare.ts';
import type { Fault } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { objectOf, ownField } from '../resource/shape.ts';
import { FORMATS } from './format.ts';
import { same } from './same.ts';
import { boolean, choiceOf, decimalOf, formOf, integerOf, textIn, wrong } from './scalar.ts';
import { textFault } from './text.ts';
import type { ObjectType, Of, Type } from './type.ts';

/** What was read: the value as it is stored, and everything that is wrong with what was given. */
export interface SchemaReading {
  readonly value: unknown;
  readonly faults: readonly Fault[];
}

/** Where in a document a value is, what is stored there so far, and where faults go. */
interface Place {
  readonly path: string;
  readonly old: unknown;
  readonly faults: Fault[];
}

/**
 * Reads a value as the type says; null stands for absent, as in Go. `old` is what it replaces: a field that is unknown here
 * and stays as it is stored is no fault.
 */
export function read(type: Type, path: string, given: unknown, old?: unknown): SchemaReading {
  const faults: Fault[] = [];
  const value = readAt(type, given, { path, old, faults });
  return { value, faults };
}

function readAt(type: Type, given: unknown, place: Place): unknown {
  if (given === null || given === undefined) return undefined;
  switch (type.type) {
    case 'any':
      return plain(given);
    case 'object':
      return readObject(type, given, place);
    case 'list':
      return readList(type, given, place);
    case 'map':
      return readMap(type, given, place);
    case 'text':
      return readText(type, given, place);
    default:
      return readScalar(type, given, place);
  }
}

/** `017` is 15 to some readers of YAML, 17 to others. */
const OCTAL = /^[-+]?0\d/;
const TWO_NUMBERS = 'YAML parsers disagree on numbers with a leading 0: remove it';

function readScalar(
  type: Of<'choice' | 'flag' | 'integer' | 'decimal' | 'scalar'>,
  given: unknown,
  { path, faults }: Place,
): unknown {
  const found = (() => {
    if (type.type === 'flag') return boolean(path, given);
    if (type.type === 'choice') return choiceOf(type, path, given);
    if (given instanceof Bare && OCTAL.test(given.text)) return { fault: wrong(path, given, TWO_NUMBERS) };
    const value = plain(given);
    if (type.type === 'integer') return integerOf(type, path, value);
    return type.type === 'decimal' ? decimalOf(path, value) : formOf(type, path, value);
  })();
  if ('fault' in found) faults.push(found.fault);
  return 'fault' in found ? undefined : found.value;
}

function readText(type: Of<'text'>, given: unknown, { path, faults }: Place): unknown {
  const found = textIn(path, given);
  if ('fault' in found) {
    faults.push(found.fault);
    return undefined;
  }
  const fault = textFault(type, path, found.value);
  if (fault !== undefined) faults.push(fault);
  return found.value;
}

/** Whether an item says nothing: null stands for what is empty, which objects may be. */
const isNothing = ({ type }: Type, item: unknown): boolean =>
  (item === '' && type !== 'any') || (item === null && type !== 'object' && type !== 'any');

function readList(type: Of<'list'>, given: unknown, place: Place): unknown {
  const { path, faults } = place;
  if (!Array.isArray(given)) {
    faults.push(wrong(path, given, 'must be a list'));
    return undefined;
  }
  const { min = 0, max = Number.POSITIVE_INFINITY } = type;
  if (given.length > 0 && given.length < min) faults.push({ field: path, reason: `must have at least ${min} items` });
  if (given.length > max)
    faults.push({ field: path, reason: `Too many: ${given.length}: must have at most ${max} items` });
  const old = Array.isArray(place.old) ? place.old : [];
  const values = given.map((item, at) => {
    const itsPlace = { path: `${path}[${at}]`, old: old[at], faults };
    if (isNothing(type.of, item)) faults.push({ field: itsPlace.path, reason: 'must not be empty' });
    return isNothing(type.of, item) ? undefined : readAt(type.of, item ?? {}, itsPlace);
  });
  if (type.unique !== true) return values;
  const twice = values.find((value, at) => value !== undefined && values.indexOf(value) !== at);
  if (twice !== undefined) faults.push({ field: path, reason: `Duplicate value: "${twice}"` });
  return values;
}

function readMap(type: Of<'map'>, given: unknown, place: Place): unknown {
  const { path, faults } = place;
  const fields = objectOf(given);
  if (fields === undefined) {
    faults.push(wrong(path, given, 'must be an object'));
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => {
      const why = type.keys === undefined ? undefined : FORMATS[type.keys](key);
      if (why !== undefined) faults.push(wrong(path, key, why));
      return [
        key,
        readAt(type.of, field ?? '', { path: `${path}.${key}`, old: ownField(objectOf(place.old) ?? {}, key), faults }),
      ];
    }),
  );
}

function readObject(type: ObjectType, given: unknown, place: Place): unknown {
  const { path, faults } = place;
  const fields = objectOf(given);
  if (fields === undefined) {
    faults.push(wrong(path, given, 'must be an object'));
    return undefined;
  }
  const before = faults.length;
  const old = objectOf(place.old) ?? {};
  const entries = Object.entries(fields).flatMap(([name, field]): [string, unknown][] => {
    const its = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    if (its === undefined) return [[name, readUnknown(name, field, { ...place, old: ownField(old, name) })]];
    const value = readAt(its, field, { path: `${path}.${name}`, old: ownField(old, name), faults });
    return value === undefined ? [] : [[name, value]];
  });
  const read = Object.fromEntries(entries);
  for (const [name, its] of Object.entries(type.fields)) {
    if (its.required && isMissing(fields[name])) faults.push({ field: `${path}.${name}`, reason: 'Required value' });
  }
  if (faults.length === before) faults.push(...brokenIn(type, path, read));
  return read;
}

const isMissing = (given: unknown): boolean =>
  given === undefined || given === null || given === '' || (Array.isArray(given) && given.length === 0);

function readUnknown(name: string, given: unknown, { path, old, faults }: Place): unknown {
  const value = plain(given);
  if (old === undefined || !same(value, old)) {
    faults.push({ field: `${path}.${name}`, reason: `unknown field "${path}.${name}"` });
  }
  return value;
}

const brokenIn = ({ relations = [] }: ObjectType, path: string, fields: Fields): readonly Fault[] =>
  relations.flatMap(({ at, reason, broken }) => {
    const found = broken(fields);
    if (found === false) return [];
    const below = found === true ? at : found;
    return [{ field: below === undefined ? path : `${path}.${below}`, reason }];
  });
