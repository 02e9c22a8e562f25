import { describe, expect, test } from 'vitest';
import type { SeenChange } from '../../../shared/datastore/datastore.ts';
import {
  affinityRef,
  type BlockRef,
  blockRef,
  endpointRef,
  handleRef,
  profileRef,
} from '../../../shared/datastore/ref.ts';
import { blocksOf } from '../../../shared/hint/containers.ts';
import type { Hint } from '../../../shared/hint/hint.ts';
import { type Learning, learnt } from '../../../shared/hint/learnt.ts';
import { network } from '../../../shared/net/cidr.ts';

const [A, B] = [network(4, 0x0a000000n, 26), network(4, 0x0a000040n, 26)];
const change = (ref: SeenChange['ref'], how: 'changed' | 'made' | 'deleted' = 'changed'): SeenChange => ({
  ref,
  next: how === 'deleted' ? undefined : 'x',
  seen: how === 'made' ? undefined : '1',
});
const block = (sequence: number) => `7 {"sequenceNumber":${sequence}}`;

function afterCommit(before: Hint | undefined, changes: readonly SeenChange[], more: Partial<Learning> = {}) {
  const passOn = ({ cidr }: BlockRef) => (cidr.text === A.text ? block(5) : undefined);
  return learnt(before, { cluster: 'c1', node: 'n1', own: [A.text], changes, passOn, mark: '100', ...more });
}

const FIRST = afterCommit(undefined, [change(blockRef(A)), change(handleRef('net1.a'), 'made')]);

describe('what the next call is told after a commit', () => {
  test('is the node’s blocks, the block as written, and who has an address in it', () => {
    expect(FIRST).toMatchObject({ cluster: 'c1', node: 'n1', shape: '100', own: [A.text] });
    expect(FIRST?.passed).toEqual([{ cidr: A.text, text: block(5) }]);
    expect(blocksOf(FIRST?.containers ?? '', 'net1.a')).toEqual([A.text]);
  });

  test('keeps its shape while only addresses, handles and endpoints change', () => {
    const usual = [change(blockRef(A)), change(handleRef('net1.b'), 'made'), change(endpointRef('prod', 'w'), 'made')];
    expect(afterCommit(FIRST, usual, { mark: '200' })?.shape).toBe('100');
  });

  test.each([
    ['a new block', [change(blockRef(B), 'made')]],
    ['a deleted block', [change(blockRef(A), 'deleted')]],
    ['a claim', [change(blockRef(A)), change(affinityRef('n1', B), 'made')]],
    ['a profile', [change(profileRef('net1'), 'made')]],
  ])('has another shape after %s', (_, changes) => {
    expect(afterCommit(FIRST, changes, { mark: '200' })?.shape).toBe('200');
  });

  test('counts claims that the commit makes and gives up', () => {
    expect(afterCommit(FIRST, [change(affinityRef('n1', B))])?.own).toEqual([A.text, B.text]);
    expect(afterCommit(FIRST, [change(affinityRef('n1', A), 'deleted')])?.own).toEqual([]);
    expect(afterCommit(FIRST, [change(affinityRef('n2', B))])?.own).toEqual([A.text]);
    expect(afterCommit(FIRST, [change(blockRef(A))], { own: undefined })?.own).toEqual([A.text]);
  });

  test('is nothing of another cluster or node', () => {
    const moved = afterCommit(FIRST, [change(blockRef(B))], { cluster: 'c2', own: [] });
    expect(moved).toMatchObject({ cluster: 'c2', own: [], passed: [], containers: '' });
    expect(afterCommit(FIRST, [change(blockRef(B))], { node: 'n2', own: [] })).toMatchObject({ own: [], passed: [] });
  });

  test('is nothing new when no block has changed', () => {
    expect(afterCommit(FIRST, [change(endpointRef('prod', 'w'))])).toBeUndefined();
    expect(afterCommit(undefined, [change(handleRef('net1.a'), 'made')])).toBeUndefined();
  });

  test('forgets a released container, and a deleted block', () => {
    const released = afterCommit(FIRST, [change(blockRef(A), 'deleted'), change(handleRef('net1.a'), 'deleted')]);
    expect(released).toMatchObject({ passed: [], containers: '' });
  });

  test('keeps the later of two writings of a block, as calls may end out of order', () => {
    expect(afterCommit(FIRST, [change(blockRef(A))], { passOn: () => block(4) })?.passed[0]?.text).toBe(block(5));
    expect(afterCommit(FIRST, [change(blockRef(A))], { passOn: () => block(6) })?.passed[0]?.text).toBe(block(6));
  });

  test('has the blocks of a handle that is written again', () => {
    const again = afterCommit(FIRST, [change(blockRef(B)), change(handleRef('net1.a'))]);
    expect(blocksOf(again?.containers ?? '', 'net1.a')).toEqual([B.text]);
  });

  test('passes on few blocks, the newest, each of limited size', () => {
    let hint = FIRST;
    for (let at = 0; at < 9; at++) {
      const cidr = network(4, BigInt(at) * 64n, 26);
      hint = afterCommit(hint, [change(blockRef(cidr))], { passOn: () => block(at) });
    }
    expect(hint?.passed.map(({ text }) => text)).toEqual([8, 7, 6, 5].map(block));
    expect(afterCommit(undefined, [change(blockRef(A))], { passOn: () => 'x'.repeat(1 << 20) })?.passed).toEqual([]);
  });

  test('lists a limited number of blocks', () => {
    const own = Array.from({ length: 100 }, (_, at) => `10.0.${at}.0/26`);
    expect(afterCommit(undefined, [change(blockRef(A))], { own })?.own).toHaveLength(32);
  });
});
