import { type Failure, failure } from '../error/failure.ts';

export type Labels = Readonly<Record<string, string>>;
export type Predicate = (labels: Labels) => boolean;

/** A selector's text and how much of it has been read. */
export interface SelectorText {
  readonly text: string;
  at: number;
}

const LABEL = '[A-Za-z0-9_./-]{1,512}';
const CALL = new RegExp(`has\\([ \\t]*(${LABEL})[ \\t]*\\)|(?:all|global)\\([ \\t]*\\)`, 'y');
const KEY = new RegExp(LABEL, 'y');
const OPERATOR = /==|!=|contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in/y;
const STRING = /"([^"]*)"|'([^']*)'/y;
const BLANKS = /[ \t]*/y;
const OPEN = /\{/y;
const CLOSE = /\}/y;
const COMMA = /,/y;

/** A missing label has no value: then only `!=` and `not in` are true. */
const COMPARISONS: Readonly<Record<string, (value: string | undefined, wanted: string) => boolean>> = {
  '==': (value, wanted) => value === wanted,
  '!=': (value, wanted) => value !== wanted,
  contains: (value, wanted) => value?.includes(wanted) ?? false,
  startswith: (value, wanted) => value?.startsWith(wanted) ?? false,
  endswith: (value, wanted) => value?.endsWith(wanted) ?? false,
};

/** Reads what the pattern (sticky) matches after blanks; undefined when it does not match. */
export function take(cursor: SelectorText, pattern: RegExp): RegExpExecArray | undefined {
  BLANKS.lastIndex = cursor.at;
  BLANKS.test(cursor.text);
  pattern.lastIndex = BLANKS.lastIndex;
  const found = pattern.exec(cursor.text);
  if (found === null) return undefined;
  cursor.at = pattern.lastIndex;
  return found;
}

/** The error of a selector that cannot be read beyond this point. */
export function refused(cursor: SelectorText, expected: string): Failure {
  return failure(`invalid selector '${cursor.text}': expected ${expected} at position ${cursor.at}`);
}

/** One condition: `k == 'v'`, `k in {'a', 'b'}`, `has(k)`, `all()` and so on; undefined when none begins here. */
export function takeTerm(cursor: SelectorText): Predicate | undefined {
  const call = take(cursor, CALL);
  if (call !== undefined) return call[1] === undefined ? () => true : has(call[1]);
  const key = take(cursor, KEY)?.[0];
  return key === undefined ? undefined : comparison(cursor, key);
}

const has =
  (key: string): Predicate =>
  (labels) =>
    Object.hasOwn(labels, key);
const labelValue = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

function comparison(cursor: SelectorText, key: string): Predicate {
  const operator = take(cursor, OPERATOR)?.[0].replaceAll(/[ \t]/g, '');
  if (operator === undefined) throw refused(cursor, `an operator after label '${key}'`);
  if (operator === 'in' || operator === 'notin') return membership(cursor, key, operator === 'in');
  const compare = COMPARISONS[operator];
  const wanted = takeString(cursor);
  if (compare === undefined || wanted === undefined) throw refused(cursor, 'a string');
  return (labels) => compare(labelValue(labels, key), wanted);
}

function membership(cursor: SelectorText, key: string, wanted: boolean): Predicate {
  if (take(cursor, OPEN) === undefined) throw refused(cursor, 'a set');
  const values = new Set<string | undefined>();
  for (let value = takeString(cursor); value !== undefined; value = takeString(cursor)) {
    values.add(value);
    if (take(cursor, COMMA) === undefined) break;
  }
  if (take(cursor, CLOSE) === undefined) throw refused(cursor, '}');
  return (labels) => values.has(labelValue(labels, key)) === wanted;
}

function takeString(cursor: SelectorText): string | undefined {
  const found = take(cursor, STRING);
  return found?.[1] ?? found?.[2];
}
