import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Hint, hintText, readHint } from '../../../shared/hint/hint.ts';

const HINT: Hint = {
  cluster: 'c1',
  node: 'n1',
  shape: '17',
  own: ['10.0.0.0/26', 'fd00::/122'],
  passed: [{ cidr: '10.0.0.0/26', text: '12 {"cidr":"10.0.0.0/26"}' }],
  containers: ' 0123456789ab=10.0.0.0/26',
};
const TEXT = hintText(HINT);
const header = (fields: object) =>
  JSON.stringify({ cluster: 'c1', node: 'n1', shape: '', own: [], passed: [], ...fields });
const file = (...lines: readonly string[]) => ['calico hint 1', ...lines, 'end'].join('\n');

describe('a hint as a text', () => {
  test('is read back as it was', () => {
    expect(readHint(TEXT)).toEqual(HINT);
  });

  test('is nothing when it is cut off anywhere', () => {
    const parts = Array.from({ length: TEXT.length }, (_, length) => TEXT.slice(0, length));
    expect(parts.map(readHint).filter((hint) => hint !== undefined)).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['another format', TEXT.replace('hint 1', 'hint 2')],
    ['something behind it', `${TEXT}\n`],
    ['a header that is no JSON', file('{', '')],
    ['a header that is a list', file('[]', '')],
    ['a header that is null', file('null', '')],
    ['no node', file(header({ node: undefined }), '')],
    ['a cluster of the wrong type', file(header({ cluster: 1 }), '')],
    ['blocks of the wrong type', file(header({ own: '10.0.0.0/26' }), '')],
    ['a block of the wrong type', file(header({ own: [{}] }), '')],
    ['no list of passed blocks', file(header({ passed: {} }), '')],
    ['fewer passed blocks than it names', file(header({ passed: ['10.0.0.0/26'] }), '')],
    ['more passed blocks than it names', file(header({}), '', '1 {}')],
  ])('is nothing with %s', (_, text) => {
    expect(readHint(text)).toBeUndefined();
  });

  test('may be any text: that is never an error', () => {
    fc.assert(fc.property(fc.string(), (text) => readHint(text) === undefined));
    const line = fc.oneof(fc.string(), fc.json(), fc.constant(header({ passed: ['x'] })));
    fc.assert(fc.property(fc.array(line), (lines) => void readHint(file(...lines))));
  });
});
