import { type Fault, tagged } from '../resource/fault.ts';
import { FORMATS } from './format.ts';
import { wrong } from './scalar.ts';
import type { Of } from './type.ts';

/** What is wrong with a non-empty text. */
export function textFault({ format, pattern, max, alias }: Of<'text'>, path: string, value: string): Fault | undefined {
  if (value === '') return undefined;
  if (max !== undefined && value.length > max) return wrong(path, value, `must be at most ${max} characters long`);
  if (pattern !== undefined && !new RegExp(pattern[0]).test(value)) return wrong(path, value, pattern[1]);
  const why = format === undefined ? undefined : FORMATS[format](value);
  if (why === undefined) return undefined;
  if (alias !== undefined) return tagged(alias, value, String(format));
  if (format !== 'cidr') return wrong(path, value, why);
  return { field: path, reason: `${path} in body must be of type cidr: "${value}"` };
}
