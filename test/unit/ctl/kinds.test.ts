import { expect, test } from 'vitest';
import { KINDS, kindOfWord } from '../../../ctl/kinds/kinds.ts';

test.each([
  ['ippool', 'IPPool'],
  ['ippools', 'IPPool'],
  ['ipPool', 'IPPool'],
  ['pool', 'IPPool'],
  ['ipp', 'IPPool'],
  ['IPReservation', 'IPReservation'],
  ['reservations', 'IPReservation'],
  ['ipamconfig', 'IPAMConfiguration'],
  ['no', 'Node'],
  ['nodes', 'Node'],
  ['wep', 'WorkloadEndpoint'],
  ['profile', 'Profile'],
  ['clusterinfo', 'ClusterInformation'],
  ['blockaffinities', 'BlockAffinity'],
  ['gnp', 'GlobalNetworkPolicy'],
  ['np', 'NetworkPolicy'],
  ['hep', 'HostEndpoint'],
  ['felixconfig', 'FelixConfiguration'],
])('%s means %s', (word, name) => {
  expect(kindOfWord(word)?.name).toBe(name);
});

test('no word stands for two kinds', () => {
  const words = KINDS.flatMap(({ name, plural, words: more }) => [name.toLowerCase(), plural, ...more]);
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
  expect(kindOfWord('pods')).toBeUndefined();
});

test('every column that is shown by default exists', () => {
  for (const { columns, usual, wide } of KINDS)
    expect(Object.keys(columns)).toEqual(expect.arrayContaining([...usual, ...wide]));
});
