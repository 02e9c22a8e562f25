import type { Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import type { ObjectType, Type } from './type.ts';

/** An object with defaults filled in, also within its objects and lists. */
export function withDefaults({ fields: types }: ObjectType, fields: Fields): Fields {
  const filled = Object.entries(types).map(([name, type]) => [name, filledIn(type, fields[name])]);
  return { ...fields, ...Object.fromEntries(filled.filter(([, value]) => value !== undefined)) };
}

function filledIn(type: Type, given: unknown): unknown {
  const value = isAbsent(type, given) ? type.default : given;
  const fields = objectOf(value);
  if (type.type === 'object' && fields !== undefined) return withDefaults(type, fields);
  if (type.type === 'list' && Array.isArray(value)) return value.map((item) => filledIn(type.of, item));
  return value;
}

const isAbsent = (type: Type, value: unknown): boolean =>
  value === undefined || value === null || value === '' || (isEmptyList(value) && type.keepEmpty !== true);

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** An object as Go stores it: fields in the type's order without the empty ones, then unknown fields. */
export function inOrder(type: ObjectType, fields: Fields): Fields {
  const known = Object.entries(type.fields).flatMap(([name, its]): [string, unknown][] => {
    const value = kept(its, fields[name]);
    return value === undefined ? [] : [[name, value]];
  });
  const unknown = Object.entries(fields).filter(([name]) => !Object.hasOwn(type.fields, name));
  return Object.fromEntries([...known, ...unknown]);
}

function kept(type: Type, value: unknown): unknown {
  if (isAbsent(type, value) || (type.omitZero && isZero(value))) return undefined;
  if (type.type === 'list' && Array.isArray(value)) return value.map((item) => kept(type.of, item) ?? item);
  const fields = objectOf(value);
  if (type.type !== 'object' || fields === undefined) return value;
  const inner = inOrder(type, fields);
  return type.omitZero && Object.keys(inner).length === 0 ? undefined : inner;
}

const isZero = (value: unknown): boolean => value === false || value === 0;
