import { expect, test } from 'vitest';
import { expiries } from '../../../ctl/watch/expiry.ts';

const NOW = Date.UTC(2026, 10, 28);
const days = (count: number) => NOW + count * 86_400_000;

test('certificates that end within two weeks are noted, and those that have ended are a problem', () => {
  const files = [
    { path: '/a', end: days(14) },
    { path: '/b', end: days(13) },
    { path: '/c', end: days(0) },
    { path: '/d', end: undefined },
  ];
  expect(expiries(files, NOW)).toEqual({
    notes: ['/b expires on 2026-12-11: put a new one there'],
    problems: ['/c expired on 2026-11-28: put a new one there'],
  });
});
