import { expect, test } from 'vitest';
import { openGrowth } from '../../../ctl/metrics/growth.ts';

const noting = (moments: readonly (readonly [at: number, used: number])[], size = 1000) => {
  const growth = openGrowth();
  for (const [at, used] of moments) growth.note('p', { at, used, free: size - used });
  return growth.untilFull('p');
};

test('at a steady rate it is when the rest is used up', () => {
  expect(
    noting([
      [0, 0],
      [300, 30],
      [600, 60],
    ]),
  ).toBe(9400);
});

test('a pool that does not grow is never full', () => {
  expect(
    noting([
      [0, 10],
      [600, 10],
    ]),
  ).toBe(Number.POSITIVE_INFINITY);
  expect(
    noting([
      [0, 10],
      [600, 5],
    ]),
  ).toBe(Number.POSITIVE_INFINITY);
});

test('a full pool is full now', () =>
  expect(
    noting([
      [0, 0],
      [600, 1000],
    ]),
  ).toBe(0));

test('two minutes are the least', () => {
  expect(noting([])).toBeUndefined();
  expect(noting([[0, 0]])).toBeUndefined();
  expect(
    noting([
      [0, 0],
      [119, 10],
    ]),
  ).toBeUndefined();
  expect(
    noting([
      [0, 0],
      [120, 12],
    ]),
  ).toBe(9880);
});

test('only the last hour counts', () => {
  expect(
    noting([
      [0, 0],
      [10_000, 500],
      [13_000, 500],
    ]),
  ).toBe(Number.POSITIVE_INFINITY);
});

test('of many readings few are kept, and the newest counts', () => {
  const growth = openGrowth();
  for (let at = 0; at <= 7200; at++) growth.note('p', { at, used: at, free: 100_000 - at });
  expect(growth.untilFull('p')).toBeCloseTo(100_000 - 7200, 6);
});
