import type { LeaveOut } from '../platform.ts';

/** An integer of 16 digits or more in the place of a value; it may also be part of a string. */
const LITERAL = /((?:^|[:[,])\s*)(-?[1-9]\d{15,})(?=\s*(?:[,\]}]|$))/g;
const STRING_OR_LITERAL = new RegExp(`"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|${LITERAL.source}`, 'g');
const NUL = '\\u0000';

/** Turns long integers into strings with a mark that no string of the text contains; after parsing they become integers again. */
export function parseJson(text: string, leaveOut: LeaveOut = {}): unknown {
  let prefix = NUL;
  while (text.includes(prefix)) prefix += NUL;
  const marked = text.replace(LITERAL, `$1"${prefix}$2"`);
  if (marked === text) return without(JSON.parse(text), leaveOut);
  return without(restore(parseMarked(text, marked, prefix), '\0'.repeat(prefix.length / NUL.length)), leaveOut);
}

/** A mark inside a string would end it and leave a backslash outside, so that the text never parses: match strings first to skip them. */
function parseMarked(text: string, marked: string, prefix: string): unknown {
  try {
    return JSON.parse(marked);
  } catch {
    return JSON.parse(
      text.replace(STRING_OR_LITERAL, (all, before, literal) => (literal ? `${before}"${prefix}${literal}"` : all)),
    );
  }
}

/** The same value with marked strings turned into integers, in place. */
function restore(value: unknown, prefix: string): unknown {
  if (typeof value === 'string') return value.startsWith(prefix) ? integer(value.slice(prefix.length)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) fields[key] = restore(fields[key], prefix);
  return value;
}

const integer = (literal: string): number | bigint =>
  Number.isSafeInteger(Number(literal)) ? Number(literal) : BigInt(literal);

/** Leaves members out, in place. */
function without(value: unknown, leaveOut: LeaveOut): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, leaveOut));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  for (const [name, inner] of Object.entries(leaveOut)) {
    if (inner === true) delete fields[name];
    else if (Object.hasOwn(fields, name)) fields[name] = without(fields[name], inner);
  }
  return value;
}

export function stringifyJson(value: unknown): string {
  return JSON.stringify(value, mark).replace(MARKED, '$1$2$3').replace(GO_ESCAPED, escaped);
}

/** A marked bigint or the start of a marked string; a quote within a string has a backslash before it. */
const MARKED = /(^|[{[,:])(?:"\\u0000n(-?\d+)"|(")\\u0000)/g;
const GO_ESCAPED = /[<>&\u2028\u2029]/g;
const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Marks with NUL what JSON.stringify cannot write: bigints, and the keys of a Map, whose order an object would change. */
function mark(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `\0n${value}`;
  if (typeof value === 'string') return value.startsWith('\0') ? `\0${value}` : value;
  return value instanceof Map ? Object.fromEntries([...value].map(([key, field]) => [`\0${key}`, field])) : value;
}
