import { stringifyJson } from '../../shared/calico/json.ts';
import type { Fault } from './fault.ts';
import type { Fields } from './resource.ts';

/**
 * What a value may be: a scalar, anything, a list of one shape, a map (`'*'`) or an object with these fields. A field whose
 * name ends in `!` is stored even when it is empty.
 */
export type Shape = 'string' | 'boolean' | 'integer' | 'any' | readonly [Shape] | { readonly [field: string]: Shape };

/** What is wrong with a value's shape; null stands for absent, as in Go. */
export function shapeFaults(path: string, value: unknown, shape: Shape): readonly Fault[] {
  if (value === null || value === undefined || shape === 'any') return [];
  if (typeof shape === 'string') return isScalar(value, shape) ? [] : [wrong(path, value, WANTED[shape])];
  if (isList(shape)) {
    if (!Array.isArray(value)) return [wrong(path, value, 'a list')];
    return value.flatMap((item, at) => shapeFaults(`${path}[${at}]`, item, shape[0]));
  }
  const fields = objectOf(value);
  if (fields === undefined) return [wrong(path, value, 'an object')];
  return Object.entries(fields).flatMap(([name, field]) => {
    const its = shapeOf(shape, name);
    if (its === undefined) return [{ field: `${path}.${name}`, reason: `unknown field "${path}.${name}"` }];
    return shapeFaults(`${path}.${name}`, field, its);
  });
}

const WANTED = { string: 'a string', boolean: 'a boolean', integer: 'an integer' } as const;

const wrong = (field: string, value: unknown, wanted: string): Fault => {
  const shown = typeof value === 'object' ? undefined : value;
  return { field, ...(shown !== undefined && { value: shown }), reason: `must be ${wanted}` };
};

function isScalar(value: unknown, shape: 'string' | 'boolean' | 'integer'): boolean {
  if (shape === 'integer') return typeof value === 'bigint' || Number.isInteger(value);
  return typeof value === shape;
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

export const objectOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** The shape of a field, of which Object's own (`constructor`) are none. */
function shapeOf(shape: Readonly<Record<string, Shape>>, name: string): Shape | undefined {
  const spelt = [name, `${name}!`, '*'].find((one) => Object.hasOwn(shape, one));
  return spelt === undefined ? undefined : shape[spelt];
}

/** An object with its fields in the shape's order, those that are empty left out: as Go stores it. */
export function stored(fields: Fields, shape: Readonly<Record<string, Shape>>): Fields {
  if (shape['*'] !== undefined) return fields;
  const names = Object.keys(shape).map((name) => name.replace('!', ''));
  const kept = names.flatMap((name): [string, unknown][] => {
    const its = shapeOf(shape, name);
    const field = fields[name];
    const inner = objectOf(its) !== undefined ? objectOf(field) : undefined;
    const value = inner === undefined ? field : stored(inner, its as Readonly<Record<string, Shape>>);
    if (Object.hasOwn(shape, `${name}!`)) return [[name, value ?? (its === 'boolean' ? false : value)]];
    return isEmpty(value) ? [] : [[name, value]];
  });
  return Object.fromEntries(kept);
}

/** An empty object given on purpose (`bgp: {}`) stays, as a pointer does in Go. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0);

/** A text, or what stands in its place as JSON; '' for nothing. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : stringifyJson(value);
