import { parseJsonText } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';

/** Parses an annotation's value as a JSON list of strings; throws a Failure quoting it. null is an empty list, as in Go. */
export function parseTexts(value: string): readonly string[] {
  const list = parseJsonText(value, (why) => notJson(value, why));
  if (list === null) return [];
  if (!Array.isArray(list)) throw notJson(value, 'not a list');
  const wrong = list.find((item) => typeof item !== 'string');
  if (wrong !== undefined) throw notJson(value, `${JSON.stringify(wrong)} is not a string`);
  return list;
}

const notJson = (value: string, why: string): Error => failure(`failed to parse '${value}' as JSON: ${why}`);
