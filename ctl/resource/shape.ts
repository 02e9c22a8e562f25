import { stringifyJson } from '../../shared/calico/json.ts';
import { Bare } from './bare.ts';
import type { Fields } from './resource.ts';

/** The value if it is an object: not a list, null, or a YAML scalar. */
export const objectOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Bare)
    ? (value as Fields)
    : undefined;

/** An object's own field, not what every object has (`constructor`). */
export const ownField = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

/** A text, or any other value as JSON; '' for nothing. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : stringifyJson(value);
