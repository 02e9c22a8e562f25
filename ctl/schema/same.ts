import { stringifyJson } from '../../shared/calico/json.ts';
import { objectOf } from '../resource/shape.ts';

/** Whether two values say the same as JSON, whatever the order of fields. */
export function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => same(item, other[at]));
  }
  const [fields, others] = [objectOf(one), objectOf(other)];
  if (fields === undefined || others === undefined) return stringifyJson(one) === stringifyJson(other);
  const names = Object.keys(fields);
  return names.length === Object.keys(others).length && names.every((name) => same(fields[name], others[name]));
}
