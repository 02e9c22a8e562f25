import { describe, expect, test } from 'vitest';
import { jsonFault } from '../../../shared/cni/json-fault.ts';
import { chance, pick } from '../../support/inputs/chance.ts';

describe('invalid JSON is reported with line and column', () => {
  test.each([
    ['', 'unexpected end of JSON input at line 1, column 1'],
    ['{\n  "a": 1,\n', 'unexpected end of JSON input at line 3, column 1'],
    ['{not json', 'a key or "}" expected, "n" found at line 1, column 2'],
    ['{"a": 1 "b": 2}', '"," or "}" expected, a string found at line 1, column 9'],
    ['{"a": 1,}', 'a key expected, "}" found at line 1, column 9'],
    ['{"a" 1}', '":" expected, a number found at line 1, column 6'],
    ['[1, 2,\n ]', 'a value expected, "]" found at line 2, column 2'],
    ['[1 2]', '"," or "]" expected, a number found at line 1, column 4'],
    ['[1}', '"," or "]" expected, "}" found at line 1, column 3'],
    ['{"a": True}', 'a value expected, "T" found at line 1, column 7'],
    ["{'a': 1}", 'a key or "}" expected, "\'" found at line 1, column 2'],
    ['{"a": 01}', 'a value expected, "0" found at line 1, column 7'],
    [
      '{"ü": "x\ny"}',
      'a value expected, a string that does not end or contains an unescaped character found at line 1, column 7',
    ],
    [
      '{"a": "\\x"}',
      'a value expected, a string that does not end or contains an unescaped character found at line 1, column 7',
    ],
    ['{} {}', 'the end expected, "{" found at line 1, column 4'],
    ['\ufeff{}', 'a value expected, "\ufeff" found at line 1, column 1'],
  ])('%j', (text, fault) => {
    expect(jsonFault(text)).toBe(fault);
  });

  test('without quoting strings and words, which may be secret', () => {
    expect(jsonFault('{"token": hunter2}')).not.toContain('hunter2');
    expect(jsonFault('{"token" "hunter2"}')).not.toContain('hunter2');
  });

  test('in a megabyte, and at any depth', () => {
    expect(jsonFault(`["${'x'.repeat(1 << 20)}", 1 2]`)).toMatch(/ at line 1, column 1048584$/);
    expect(jsonFault('['.repeat(1 << 16))).toBe('unexpected end of JSON input at line 1, column 65537');
    expect(jsonFault('['.repeat(1 << 16) + ']'.repeat(1 << 16))).toBeUndefined();
  });
});

test('a text is invalid exactly if the engine rejects it: 20,000 texts with an insertion, a deletion or a change', () => {
  const random = chance(12);
  const whole = '{"a": [1, -2.5e3, "x\\u00e9\\n", true, null, {}], "b": {"c": [], "d": [[0], false]}} ';
  const pieces = [...'{}[],:"\\ 0-1.eE+tn\t\n\u0001', 'true', 'null', '"k"', '"k":1', '\u00a0'];
  for (let round = 0; round < 20_000; round++) {
    let text = whole;
    for (let change = 0; change <= round % 3; change++) {
      const at = Math.floor(random() * text.length);
      text =
        text.slice(0, at) + (random() < 0.6 ? pick(random, pieces) : '') + text.slice(at + (random() < 0.5 ? 1 : 0));
    }
    expect([text, jsonFault(text) === undefined]).toEqual([text, parses(text)]);
  }
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
