import { expect, test } from 'vitest';
import { readFlags } from '../../../shared/cni/flags.ts';

const known = { v: 'Display version', t: 'Test' };

test.each([
  [['-v'], 'v'],
  [['--v'], 'v'],
  [['-v=true'], 'v'],
  [['-v=false', '-t'], 't'],
  [['-t', 'whatever', '--else'], 't'],
  [[], undefined],
  [['word', '-v'], undefined],
])('%j sets %s', (argv, flag) => {
  expect(readFlags(argv, 'calico', known)).toEqual({ flag });
});

test('-h prints the usage and is not a failure', () => {
  expect(readFlags(['-h'], 'calico', known)).toMatchObject({
    status: 0,
    usage: expect.stringContaining('Usage of calico:'),
  });
});

test('an unknown flag is named, with the usage and status 2', () => {
  const answer = readFlags(['-x'], 'calico', known);
  expect(answer).toMatchObject({
    status: 2,
    usage: expect.stringMatching(/^flag provided but not defined: -x\nUsage/),
  });
});
