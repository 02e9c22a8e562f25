import { expect, test } from 'vitest';
import { type Installed, isAtLeast, waysToRust } from '../../../build/rust/order.ts';

test.each([
  ['1.85.0', true],
  ['1.85.1', true],
  ['1.96.0', true],
  ['2.0.0', true],
  ['1.84.9', false],
  ['1.9.0', false],
  ['0.99.0', false],
  ['', false],
])('Rust %s is new enough where 1.85 is asked for: %s', (version, expected) => {
  expect(isAtLeast(version, '1.85')).toBe(expected);
});

const rust = (version: string, ...libraries: Installed['libraries']): Installed => ({ version, libraries });

test.each<[string, Installed | undefined, string[], string]>([
  ['none', undefined, ['server', 'debian'], 'No Rust is installed'],
  ['a complete one', rust('1.90.0', 'musl', 'gnu'), ['installed, musl', 'server', 'installed, gnu', 'debian'], ''],
  [
    'one without musl',
    rust('1.90.0', 'gnu'),
    ['server', 'installed, gnu', 'debian'],
    'The installed Rust 1.90.0 has no library for musl',
  ],
  ['an old one', rust('1.63.0', 'musl', 'gnu'), ['server', 'debian'], 'The installed Rust 1.63.0 is older than 1.85'],
  ['a broken one', rust(''), ['server', 'debian'], 'The installed Rust does not start'],
])('with %s installed, what builds static executables comes first', (_, installed, ways, reason) => {
  expect(waysToRust(installed, '1.85', true)).toEqual({ ways, reason });
});

test('for another processor only what builds static executables is of use', () => {
  expect(waysToRust(rust('1.90.0', 'musl', 'gnu'), '1.85', false).ways).toEqual(['installed, musl', 'server']);
  expect(waysToRust(rust('1.90.0', 'gnu'), '1.85', false).ways).toEqual(['server']);
});
