import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keysInOrder } from '../../../../node/state/in-order.ts';
import { byteOrder } from '../../../../shared/system/byte-order.ts';

const keys = fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 4 }), { maxLength: 12 });

test('keys are in the order of their bytes, whatever was there before', () => {
  fc.assert(
    fc.property(keys, keys, (before, now) => {
      const map = new Map(now.map((key) => [key, true]));
      expect(keysInOrder(map, before.toSorted(byteOrder))).toEqual(now.toSorted(byteOrder));
    }),
  );
});
