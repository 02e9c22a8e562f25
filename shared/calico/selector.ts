import { type Labels, type Predicate, refused, type SelectorText, take, takeTerm } from './selector-term.ts';

type Operator = '!' | '&&' | '||';

/** A selector as a program for a stack machine, so that nesting needs no call stack, neither to parse nor to run. */
type Program = readonly (Predicate | Operator)[];

interface Parse {
  readonly cursor: SelectorText;
  readonly program: (Predicate | Operator)[];
  /** Operators that wait for their right side, and open parentheses. */
  readonly pending: (Operator | '(')[];
}

const BINDING: Readonly<Record<Operator | '(', number>> = { '!': 3, '&&': 2, '||': 1, '(': 0 };
const PREFIX = /[!(]/y;
const INFIX = /&&|\|\||\)/y;
const END = /$/y;

/**
 * Calico's selector language: `||` binds weakest, then `&&`, then `!`; parentheses; blanks and tabs between words; an empty
 * text selects everything. Throws a Failure with the position where the text cannot be read.
 */
export function parseSelector(text: string): (labels: Labels) => boolean {
  const cursor = { text, at: 0 };
  if (take(cursor, END) !== undefined) return () => true;
  const program = parse(cursor);
  return (labels) => run(program, labels);
}

function parse(cursor: SelectorText): Program {
  const state: Parse = { cursor, program: [], pending: [] };
  do takeOperand(state);
  while (takeInfix(state));
  if (take(cursor, END) === undefined) throw refused(cursor, 'an operator');
  flush(state, 1);
  if (state.pending.length > 0) throw refused(cursor, ')');
  return state.program;
}

/** Reads the next condition and the operators and parentheses before it. */
function takeOperand({ cursor, program, pending }: Parse): void {
  for (let prefix = take(cursor, PREFIX)?.[0]; prefix !== undefined; prefix = take(cursor, PREFIX)?.[0]) {
    pending.push(prefix === '!' ? '!' : '(');
  }
  const term = takeTerm(cursor);
  if (term === undefined) throw refused(cursor, 'a condition');
  program.push(term);
}

/** Reads closing parentheses and the operator after a condition; false when there is no operator. */
function takeInfix(state: Parse): boolean {
  for (let infix = take(state.cursor, INFIX)?.[0]; infix !== undefined; infix = take(state.cursor, INFIX)?.[0]) {
    if (infix !== ')') {
      const operator = infix === '&&' ? '&&' : '||';
      flush(state, BINDING[operator]);
      state.pending.push(operator);
      return true;
    }
    flush(state, 1);
    if (state.pending.pop() === undefined) throw refused(state.cursor, "'(' before ')'");
  }
  return false;
}

/** Moves waiting operators that bind at least this strongly to the program. */
function flush({ program, pending }: Parse, binding: number): void {
  for (
    let last = pending.at(-1);
    last !== undefined && last !== '(' && BINDING[last] >= binding;
    last = pending.at(-1)
  ) {
    program.push(last);
    pending.pop();
  }
}

function run(program: Program, labels: Labels): boolean {
  const stack: boolean[] = [];
  const pop = (): boolean => stack.pop() ?? false;
  for (const step of program) {
    if (typeof step === 'function') stack.push(step(labels));
    else stack.push(apply(step, pop));
  }
  return pop();
}

function apply(operator: Operator, pop: () => boolean): boolean {
  const right = pop();
  if (operator === '!') return !right;
  const left = pop();
  return operator === '&&' ? left && right : left || right;
}
