import { expect, test } from 'vitest';
import { goTimestamp, readGoTimestamp } from '../../../shared/calico/go-time.ts';

test.for([0n, 1_795_249_881_000_000_000n, 1_795_249_881_094_823_690n, 1_795_249_881_999_999_999n])(
  'a time as Go prints it is parsed to the same time: %d',
  (time) => {
    expect(readGoTimestamp(goTimestamp(time))).toBe(time);
  },
);

test.for(['', '2026-11-21', '2026-11-21 07:06:55 +0100 CET', '2026-13-41 07:06:55 +0000 UTC', '1795249881'])(
  'anything else is not a time: %j',
  (text) => {
    expect(readGoTimestamp(text)).toBeUndefined();
  },
);
