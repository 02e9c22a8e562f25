import { describe, expect, test } from 'vitest';
import { waitAfter } from '../../../ctl/watch/backoff.ts';
import { due, type Situation } from '../../../ctl/watch/due.ts';
import { SUBJECT } from './jwt.ts';

const token = { life: { subject: SUBJECT, issuedAt: 0, expiresAt: 600 }, since: 0, isNew: true, early: 0 };
const QUIET: Situation = { hasChanged: false, token, failures: 0, passAt: 10_000, verifyAt: 200 };
const at = (uptime: number) => ({ wall: uptime, uptime });

describe('what is due', () => {
  test.each([
    ['nothing while all is as it was', {}, 100, 'nothing'],
    ['a pass when a file has changed', { hasChanged: true }, 100, 'pass'],
    ['a pass at half of the token’s life', {}, 300, 'pass'],
    ['to ask about the token from time to time', {}, 200, 'verify'],
    ['a pass from time to time', { token: undefined }, 10_000, 'pass'],
    ['nothing to ask without a token', { token: undefined }, 5_000, 'nothing'],
    [
      'nothing soon after a failure, even if files change',
      { failures: 1, passAt: 105, hasChanged: true },
      104,
      'nothing',
    ],
    ['a pass later', { failures: 1, passAt: 105 }, 105, 'pass'],
  ] as const)('is %s', (_, changes, uptime, what) => {
    expect(due({ ...QUIET, ...changes }, at(uptime))).toBe(what);
  });
});

test('waiting after failures doubles from 5 s to 5 min', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => waitAfter(failures, 0.5))).toEqual([
    5, 10, 20, 40, 80, 160, 300, 300, 300,
  ]);
  expect([waitAfter(7, 0), waitAfter(7, 1)].map(Math.round)).toEqual([240, 360]);
});
