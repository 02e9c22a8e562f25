import { expect, test } from 'vitest';
import { commitSteps } from '../../../shared/datastore/commit-steps.ts';
import { affinityRef, blockRef, endpointRef, handleRef, type Ref, textOf } from '../../../shared/datastore/ref.ts';
import { network } from '../../../shared/net/cidr.ts';

const CIDR = network(4, 0x0a000000n, 30);

const BLOCK = blockRef(CIDR);
const AFFINITY = affinityRef('node1', CIDR);
const HANDLE = handleRef('net.c1');
const ENDPOINT = endpointRef('prod', 'web');
const block = JSON.stringify({ cidr: CIDR.text, affinity: 'host:node1' });

/** What a DEL of the block's last address writes, in order; `known`: what it has read beside what it changes. */
function orderOfDel(...known: readonly Ref[]): readonly string[] {
  const stored = new Map(
    [
      [BLOCK, block] as const,
      [HANDLE, JSON.stringify({ block: { [CIDR.text]: 1 } })] as const,
      [ENDPOINT, '{}'] as const,
      ...known.map((ref) => [ref, '{}'] as const),
    ].map(([ref, value]) => [textOf(ref), value]),
  );
  const changes = [
    { ref: BLOCK, next: block, seen: '1' },
    { ref: HANDLE, next: undefined, seen: '1' },
    { ref: ENDPOINT, next: undefined, seen: '1' },
  ];
  const phases = commitSteps(changes, (ref) => stored.get(textOf(ref)), 'node1');
  return phases.map((phase) => phase.map(({ ref }) => ref.kind).join());
}

test('a DEL writes an own block last, because the node’s affinities lead to it again', () => {
  expect(orderOfDel(AFFINITY)).toEqual(['handle,WorkloadEndpoint', 'block']);
});

test('but before the handle where its affinity is not found, as without the labels that Calico 3.28 does not write', () => {
  expect(orderOfDel()).toEqual(['WorkloadEndpoint', 'block', 'handle']);
});
