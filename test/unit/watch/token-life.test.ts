import { describe, expect, test } from 'vitest';
import { isExpired, isRenewalDue, tokenInKubeconfig, tokenLife } from '../../../ctl/watch/token-life.ts';
import { jwt, SUBJECT } from './jwt.ts';

const life = { subject: SUBJECT, issuedAt: 1_000, expiresAt: 1_600 };

describe('a token', () => {
  test('says whose it is, and from when to when it holds', () => {
    expect(tokenLife(jwt(1_000, 1_600))).toEqual(life);
  });

  test.each(['', 'opaque', 'a.b.c', 'e30.e30.e30', jwt(1_000, 1_000), jwt(1_600, 1_000), 'x.bnVsbA.x'])(
    'such as %s says nothing',
    (token) => {
      expect(tokenLife(token)).toBeUndefined();
    },
  );

  test.each([
    [`    token: "${jwt(1, 2)}"\n`, jwt(1, 2)],
    ['    token: abc.d-e_f\n    x: y\n', 'abc.d-e_f'],
    ["    token: 'abc'\n", 'abc'],
    ['\n'.repeat(200_000), ''],
    ['    tokenFile: /x\n', ''],
    ['', ''],
  ])('is found in a kubeconfig, as in %#', (text, token) => {
    expect(tokenInKubeconfig(`users:\n- user:\n${text}`)).toBe(token);
  });
});

describe('a token of 600 s that was issued here is renewed', () => {
  const held = { life, since: 50, isNew: true, early: 0 };

  test.each([
    [0, false],
    [299, false],
    [300, true],
    [900, true],
  ])('after %d s: %s', (seconds, isDue) => {
    expect(isRenewalDue(held, { wall: 1_000 + seconds, uptime: 50 + seconds })).toBe(isDue);
  });

  test.each([0, 5_000_000])('whatever the wall clock is set to: %d', (wall) => {
    expect(isRenewalDue(held, { wall, uptime: 349 })).toBe(false);
    expect(isRenewalDue(held, { wall, uptime: 350 })).toBe(true);
    expect(isExpired(held, { wall, uptime: 649 })).toBe(false);
    expect(isExpired(held, { wall, uptime: 650 })).toBe(true);
  });

  test('up to a tenth earlier, so that nodes do not ask at the same time', () => {
    expect(isRenewalDue({ ...held, early: 1 }, { wall: 1_000, uptime: 50 + 269 })).toBe(false);
    expect(isRenewalDue({ ...held, early: 1 }, { wall: 1_000, uptime: 50 + 270 })).toBe(true);
  });
});

describe('a token that was found', () => {
  const held = { life, since: 50, isNew: false, early: 0 };

  test('is renewed by the wall clock, and at the latest after half its life here', () => {
    expect(isRenewalDue(held, { wall: 1_299, uptime: 51 })).toBe(false);
    expect(isRenewalDue(held, { wall: 1_300, uptime: 51 })).toBe(true);
    expect(isRenewalDue(held, { wall: 0, uptime: 350 })).toBe(true);
  });

  test('expires by the wall clock', () => {
    expect(isExpired(held, { wall: 1_599, uptime: 10_000 })).toBe(false);
    expect(isExpired(held, { wall: 1_600, uptime: 51 })).toBe(true);
  });
});
