import { expect, test } from 'vitest';
import { parseTexts } from '../../../shared/kubernetes/json-list.ts';

test.each([
  ['["a","b"]', ['a', 'b']],
  ['[]', []],
  ['null', []],
])('%s is the list %j', (text, list) => {
  expect(parseTexts(text)).toEqual(list);
});

test.each(['{}', '"a"', '[1]', '[null]', '[', ''])('%j is rejected and quoted', (text) => {
  expect(() => parseTexts(text)).toThrow(`failed to parse '${text}' as JSON`);
});
