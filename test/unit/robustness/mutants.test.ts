import { expect, test } from 'vitest';
import { mutantsOf } from '../../mutation/mutants.ts';

const changes = (source: string): readonly string[] => mutantsOf(source).map(({ after }) => after);

test('an operator, a constant and a condition are changed one at a time', () => {
  expect(changes('if (a === b && c) return n + 1;')).toEqual([
    'if (a !== b && c) return n + 1;',
    'if (a === b || c) return n + 1;',
    'if (a === b && c) return n + 2;',
    'if (false && a === b && c) return n + 1;',
  ]);
});

test('the rest of the file stays as it is', () => {
  const [mutant] = mutantsOf('const a = 1;\nconst b = true;\nconst c = 3;');
  expect(mutant).toEqual({
    line: 2,
    before: 'const b = true;',
    after: 'const b = false;',
    source: 'const a = 1;\nconst b = false;\nconst c = 3;',
  });
});

test('comments, strings, imports and types are not changed', () => {
  const source = [
    "import { a } from './true.ts';",
    '/** true && false */',
    'interface A {',
    '  readonly b: true;',
    '}',
    "const c = 'x === y';",
    'const d = `true`; // true',
    'type E = true | false;',
  ].join('\n');
  expect(changes(source)).toEqual([]);
});
