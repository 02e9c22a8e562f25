import { describe, expect, test } from 'vitest';
import { firstReads } from '../../../ipam/allocate/setting.ts';
import { releaseReads } from '../../../ipam/release/release.ts';
import { get } from '../../../shared/datastore/query.ts';
import { blockRef } from '../../../shared/datastore/ref.ts';
import { withBlocks } from '../../../shared/hint/containers.ts';
import { guesses } from '../../../shared/hint/guesses.ts';
import type { Hint } from '../../../shared/hint/hint.ts';
import { network } from '../../../shared/net/cidr.ts';

const [OWN, OTHER, FOREIGN] = ['10.0.0.0/26', '10.0.0.64/26', '10.0.9.0/26'] as const;
const HINT: Hint = {
  cluster: 'c1',
  node: 'n1',
  shape: '1',
  own: [OWN, OTHER],
  passed: [],
  containers: withBlocks(withBlocks('', 'net1.a', [OTHER]), 'net1.b', [FOREIGN]),
};
const ADD = firstReads({ node: 'n1', handleID: 'net1.new' });
const del = (container: string) => releaseReads({ node: 'n1', handleIDs: [`net1.${container}`, container] });
const guess = (queries: Parameters<typeof guesses>[1], isTransactional = true, hint = HINT) =>
  guesses(hint, queries, isTransactional).map(({ cidr }) => cidr.text);

describe('the blocks read together with the first queries', () => {
  test('are the node’s own for an ADD', () => {
    expect(guess(ADD)).toEqual([OWN, OTHER]);
  });

  test('are those of its container for a DEL', () => {
    expect(guess(del('a'))).toEqual([OTHER]);
    expect(guess(del('b'))).toEqual([FOREIGN]);
    expect(guess(del('unknown'))).toEqual([]);
  });

  test('are the node’s own as well for a DEL without transactions, which searches them in any case', () => {
    expect(guess(del('a'), false)).toEqual([OTHER, OWN]);
    expect(guess(del('b'), false)).toEqual([FOREIGN, OWN, OTHER]);
  });

  test('are not asked for twice', () => {
    expect(guess([...ADD, get(blockRef(network(4, 0x0a000000n, 26)))])).toEqual([OTHER]);
  });

  test('are left out when the hint does not name a block, and are limited in number', () => {
    const own = ['', '10.0.0.0', '10.0.0.1/26', '10.0.0.0/99', '../x', OWN];
    expect(guess(ADD, true, { ...HINT, own })).toEqual([OWN]);
    const many = Array.from({ length: 1_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    expect(guess(ADD, true, { ...HINT, own: many })).toHaveLength(32);
  });
});
