import { expect, test } from 'vitest';
import { partsOf } from '../../../ctl/ipam/split-pool.ts';
import { cidr } from '../../support/inputs/cidr.ts';

const pool = (text: string, blockSize: number) => ({ name: 'p', cidr: cidr(text), blockSize });

test.each<[string, number, number, readonly string[]]>([
  ['10.0.0.0/16', 26, 2, ['10.0.0.0/17', '10.0.128.0/17']],
  ['10.0.0.0/24', 26, 4, ['10.0.0.0/26', '10.0.0.64/26', '10.0.0.128/26', '10.0.0.192/26']],
  ['fd00::/64', 122, 2, ['fd00::/65', 'fd00::8000:0:0:0/65']],
])('%s with blocks of /%i in %i parts', (cidr, blockSize, count, parts) => {
  const found = partsOf(pool(cidr, blockSize), count);
  expect(found.map((part) => part.cidr.text)).toEqual(parts);
  expect(found.map(({ name }) => name)).toEqual(parts.map((_, at) => `p-${at}`));
});

test.each([0, 1, 3, 6])('%i parts are refused', (count) => {
  expect(() => partsOf(pool('10.0.0.0/16', 26), count)).toThrow(`a pool cannot be split into ${count} parts`);
});

test('parts that are smaller than a block are refused', () => {
  expect(() => partsOf(pool('10.0.0.0/24', 26), 8)).toThrow('IPPool(p) 10.0.0.0/24 cannot be split into 8 parts');
});
