import { describe, expect, test } from 'vitest';
import { durationSeconds } from '../../../ctl/command-line/duration.ts';

describe('a duration', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['30s', 30],
    ['5m', 300],
    ['1h30m', 5400],
    ['1h0m1s', 3601],
    ['1.5h', 5400],
    ['.5m', 30],
    ['1500ms', 1.5],
    ['+10s', 10],
    ['300', 300],
    ['1us', 0.000001],
    ['1µs', 0.000001],
    ['5ns', 0.000000005],
  ])('%s is %d seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBeCloseTo(seconds, 12);
  });

  test.each([
    '',
    ' ',
    '-5m',
    '5 m',
    '5x',
    'm',
    '5m3',
    '1h30',
    'five',
    '1e3',
    '5d',
    '.s',
    'Infinity',
    `${'9'.repeat(400)}s`,
  ])('%s is none', (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });
});
