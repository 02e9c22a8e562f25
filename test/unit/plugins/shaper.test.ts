import { describe, expect, test } from 'vitest';
import { shaperName, shaperNames } from '../../../plugins/linux/shaper.ts';
import { shapingQdiscs } from '../../../plugins/linux/shaping-plan.ts';

describe('the shaping device of a host interface', () => {
  test('is named as Felix names it', () => {
    // printf cali0123456789a | sha512sum | cut -c-9
    expect(shaperName('cali0123456789a')).toBe('bwcali627a0cdce');
  });

  test('had another name in older versions, which is still known', () => {
    expect(shaperNames('tap00123456789')).toContain('bwc0123456789');
    expect(shaperNames('cali0123456789a')).toContain('bwc0123456789a');
  });
});

test('buckets have the handle that Felix uses to change them in place', () => {
  const limits = {
    ingressRate: 1000,
    ingressBurst: 800,
    egressRate: 2000,
    egressBurst: 1600,
    device: 'bwcali627a0cdce',
  };
  expect(shapingQdiscs('cali0123456789a', limits).filter((line) => line.includes('tbf'))).toEqual([
    'qdisc replace dev cali0123456789a root handle 1: tbf rate 1000bit burst 100 latency 25ms',
    'qdisc replace dev bwcali627a0cdce root handle 1: tbf rate 2000bit burst 200 latency 25ms',
  ]);
});
