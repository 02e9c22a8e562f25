import { expect, test } from 'vitest';
import { isAtLeast } from '../../../build/rust/version.ts';

test.each([
  ['1.87.0', true],
  ['1.87.1', true],
  ['1.96.0', true],
  ['2.0.0', true],
  ['1.86.9', false],
  ['1.9.0', false],
  ['0.99.0', false],
  ['', false],
])('Rust %s is new enough where 1.87 is asked for: %s', (version, expected) => {
  expect(isAtLeast(version, '1.87')).toBe(expected);
});
