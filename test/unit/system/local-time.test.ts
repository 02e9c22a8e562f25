import { afterEach, expect, test } from 'vitest';
import { localTime } from '../../../shared/system/local-time.ts';

const NOW = Date.UTC(2026, 10, 21, 7, 6, 55, 176);

const before = process.env['TZ'];
afterEach(() => {
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
});

test.each([
  ['', '2026-11-21 07:06:55.176'],
  ['UTC', '2026-11-21 07:06:55.176'],
  ['America/Bogota', '2026-11-21 02:06:55.176'],
  ['Australia/Adelaide', '2026-11-21 17:36:55.176'],
])('where TZ is "%s"', (zone, expected) => {
  process.env['TZ'] = zone;
  expect(localTime(NOW)).toBe(expected);
});
