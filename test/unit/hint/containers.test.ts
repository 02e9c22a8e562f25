import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blocksOf, withBlocks, withoutBlocks } from '../../../shared/hint/containers.ts';

const [V4, V6] = ['10.0.0.0/26', 'fd00::/122'];

describe('which containers have an address in which block', () => {
  test('is noted for each, until it is released', () => {
    const both = withBlocks(withBlocks('', 'net.a', [V4]), 'net.b', [V4, V6]);
    expect(blocksOf(both, 'net.a')).toEqual([V4]);
    expect(blocksOf(both, 'net.b')).toEqual([V4, V6]);
    expect(blocksOf(both, 'net.c')).toEqual([]);
    const one = withoutBlocks(both, 'net.a');
    expect(blocksOf(one, 'net.a')).toEqual([]);
    expect(blocksOf(one, 'net.b')).toEqual([V4, V6]);
    expect(withoutBlocks(one, 'net.b')).toBe('');
    expect(withBlocks('', 'net.a', [])).toBe('');
  });

  test('drops the oldest when there are too many', () => {
    let text = '';
    for (let at = 0; at < 2_000; at++) text = withBlocks(text, `net.${at}`, [V4]);
    expect(text.length).toBeLessThanOrEqual(16 << 10);
    expect(blocksOf(text, 'net.0')).toEqual([]);
    expect(blocksOf(text, 'net.1999')).toEqual([V4]);
    expect(text.startsWith(' ')).toBe(true);
    expect(text.split(' ').every((entry) => entry === '' || /^[0-9a-f]{12}=10\.0\.0\.0\/26$/.test(entry))).toBe(true);
  });

  test('may be any text: it is searched and changed without an error, and ends', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(blocksOf(withoutBlocks(text, 'net.a'), 'net.a')).toEqual([]);
        expect(blocksOf(withBlocks(withoutBlocks(text, 'net.a'), 'net.a', [V4]), 'net.a')).toEqual([V4]);
      }),
    );
  });
});
