import { expect, test } from 'vitest';
import { isNewer } from '../../../shared/hint/sequence.ts';

test.each([
  ['{"sequenceNumber":2}', '{"sequenceNumber":1}', true],
  ['{"sequenceNumber":1}', '{"sequenceNumber":1}', false],
  ['{"sequenceNumber": 10}', '{"sequenceNumber":9}', true],
  ['{"sequenceNumber":18446744073709551615}', '{"sequenceNumber":18446744073709551614}', true],
  ['{"sequenceNumberForAllocation":{"0":9},"sequenceNumber":1}', '{"sequenceNumber":2}', false],
  ['{"metadata":{"f:sequenceNumber":{}},"spec":{"sequenceNumber":3}}', '{"sequenceNumber":2}', true],
  ['{"sequenceNumber":"9"}', '{"sequenceNumber":2}', false],
  ['{"sequenceNumber":-9}', '{"sequenceNumber":2}', false],
  [`{"sequenceNumber":${'9'.repeat(1_000)}}`, '{"sequenceNumber":2}', false],
  ['', '{"sequenceNumber":2}', false],
  ['{"sequenceNumber":2}', '', false],
])('the later of two writings of a block has the higher sequence number: %s, %s', (text, than, is) => {
  expect(isNewer(text, than)).toBe(is);
});
