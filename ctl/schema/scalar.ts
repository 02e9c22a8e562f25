import { Bare, truthOf } from '../resource/bare.ts';
import type { Fault } from '../resource/fault.ts';
import { FORMS } from './form.ts';
import type { Of } from './type.ts';

type Found<T> = { readonly value: T } | { readonly fault: Fault };

/** A fault that shows the value, unless it is an object. */
export function wrong(field: string, given: unknown, reason: string): Fault {
  const value = given instanceof Bare ? given.text : given;
  return { field, ...(typeof value !== 'object' && { value }), reason };
}

/** A string. Where a string is expected, an unquoted `true` or `5` is one, as in the original. */
export function textIn(path: string, given: unknown): Found<string> {
  if (given instanceof Bare) {
    return { fault: wrong(path, given, `YAML parsers disagree on this unquoted value: quote it, "${given.text}"`) };
  }
  if (typeof given === 'string') return { value: given };
  if (typeof given === 'object') return { fault: wrong(path, given, 'must be a string') };
  return { value: String(given) };
}

/** A boolean; unquoted also in YAML 1.1's spellings. */
export function boolean(path: string, given: unknown): Found<boolean> {
  const value = given instanceof Bare ? truthOf(given.text) : given;
  return typeof value === 'boolean' ? { value } : { fault: wrong(path, given, 'must be a boolean') };
}

/** One of the allowed values; an unquoted `Off` is a string here. */
export function choiceOf({ values, anyCase }: Of<'choice'>, path: string, given: unknown): Found<string> {
  const text = given instanceof Bare ? given.text : given;
  if (typeof text !== 'string') return { fault: wrong(path, given, 'must be a string') };
  if (text === '') return { value: text };
  const found = values.find((value) => value === text || (anyCase && value.toLowerCase() === text.toLowerCase()));
  if (found !== undefined) return { value: found };
  return { fault: { field: path, reason: `supported values: ${values.map((value) => `"${value}"`).join(', ')}` } };
}

/** An integer within bounds, a bigint beyond 2^53. */
export function integerOf({ min, max, values }: Of<'integer'>, path: string, value: unknown): Found<number | bigint> {
  if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value))) {
    return { fault: wrong(path, value, 'must be an integer') };
  }
  if (values !== undefined && !values.includes(Number(value))) {
    return { fault: { field: path, reason: `supported values: ${values.map((one) => `"${one}"`).join(', ')}` } };
  }
  const bound = (word: string, than: number) => ({
    fault: wrong(path, value, `${path} in body should be ${word} than or equal to ${than}`),
  });
  if (min !== undefined && value < min) return bound('greater', min);
  if (max !== undefined && value > max) return bound('less', max);
  return { value };
}

export const decimalOf = (path: string, value: unknown): Found<number | bigint> =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
    ? { value }
    : { fault: wrong(path, value, 'must be a number') };

/** A value with several spellings, as it is stored. */
export function formOf({ form }: Of<'scalar'>, path: string, given: unknown): Found<string | number | undefined> {
  if (given === '') return { value: undefined };
  const { wanted, read } = FORMS[form];
  const value = read(given);
  return value === undefined ? { fault: wrong(path, given, wanted) } : { value };
}
