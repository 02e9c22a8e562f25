import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byteOrder } from '../../../shared/system/byte-order.ts';

it('byteOrder is the order of the UTF-8 bytes', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀') });
  fc.assert(
    fc.property(key, key, (first, second) => {
      const bytes = Buffer.compare(Buffer.from(first), Buffer.from(second));
      expect(Math.sign(byteOrder(first, second))).toBe(bytes);
    }),
    { numRuns: 2000 },
  );
});
