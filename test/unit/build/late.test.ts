import { expect, test } from 'vitest';
import { loadLate } from '../../../build/late.ts';

const late = {
  file: 'late.mjs',
  text: 'import { c } from "./main.mjs";\nconst add = (a, b) => a + b + c;\nasync function wait() {}\nconst LIMIT = 3;\nexport { add as a, wait as b, LIMIT };\n',
  imports: ['main.mjs'],
};
const importing = (names: string, rest = '') => ({
  file: 'main.mjs',
  text: `import { d } from "./other.mjs";\nimport { ${names} } from "./late.mjs";\n${rest}export const c = 1;\n`,
  imports: ['other.mjs', 'late.mjs'],
});

test('a file that calls a late one does not import it', () => {
  const [main, after] = loadLate([importing('a as add, b as wait'), late], ['late.mjs']);
  expect(main?.imports).toEqual(['other.mjs']);
  expect(main?.text).toContain('import { d } from "./other.mjs";');
  expect(main?.text).not.toContain('from "./late.mjs"');
  expect(after).toEqual(late);
});

test('the late file is loaded at the first call, once, and its functions get all arguments', () => {
  const [main] = loadLate([importing('a as add, b as wait', 'add(1, 2);\nadd(3, 4);\n'), late], ['late.mjs']);
  const body = (main?.text ?? '').replace(/^import .*$/gm, '').replace('export ', '');
  const [loaded, sums]: [string[], number[]] = [[], []];
  const host = {
    loadNow: (name: string) => {
      loaded.push(name);
      return { a: (...numbers: readonly number[]) => sums.push(numbers.reduce((total, one) => total + one, 0)) };
    },
  };
  new Function('calicoHost', body)(host);
  expect(loaded).toEqual(['late.mjs']);
  expect(sums).toEqual([3, 7]);
});

test('a late file that is imported at run time is loaded in the same way', async () => {
  const main = { file: 'main.mjs', text: 'const read = () => import("./late.mjs").then((n) => n.a);\n', imports: [] };
  const [changed] = loadLate([main, late], ['late.mjs']);
  const host = { loadNow: (name: string) => ({ a: name }) };
  expect(await new Function('calicoHost', `${changed?.text}return read();`)(host)).toBe('late.mjs');
});

test.each(['LIMIT', 'unknown'])('what is no function cannot be loaded late: %s', (name) => {
  expect(() => loadLate([importing(name), late], ['late.mjs'])).toThrow(
    `main.mjs imports ${name} of late.mjs, which is loaded late, and so may export nothing but functions`,
  );
});
