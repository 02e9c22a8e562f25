import { expect, test } from 'vitest';
import { leftUntil, type Repairs, withRepair } from '../../../ctl/watch/repairs.ts';

const repaired = (...times: readonly number[]): Repairs =>
  times.reduce<Repairs>((all, time) => withRepair(all, '/x', time), {});

test('a file is put back three times, and then left for an hour', () => {
  expect(leftUntil(repaired(), '/x', 0)).toBeUndefined();
  expect(leftUntil(repaired(10, 20), '/x', 21)).toBeUndefined();
  expect(leftUntil(repaired(10, 20, 30), '/x', 31)).toBe(3_630);
  expect(leftUntil(repaired(10, 20, 30), '/x', 3_629)).toBe(3_630);
  expect(leftUntil(repaired(10, 20, 30), '/x', 3_630)).toBeUndefined();
});

test('repairs that are far apart are no quarrel', () => {
  expect(leftUntil(repaired(0, 300, 601), '/x', 602)).toBeUndefined();
  expect(leftUntil(repaired(0, 300, 601, 800), '/x', 801)).toBe(4_400);
});

test('only the last repairs are remembered', () => {
  expect(repaired(1, 2, 3, 4, 5)).toEqual({ '/x': [3, 4, 5] });
});
