import { describe, expect, test } from 'vitest';
import { clusterFamilies } from '../../../ctl/metrics/cluster-families.ts';
import { exposition } from '../../../ctl/metrics/exposition.ts';
import { type CountSettings, countFigures } from '../../../ctl/metrics/figures.ts';
import type { Block } from '../../../shared/calico/model.ts';
import { readFigures } from '../../support/calicoctl/exposition.ts';
import { cidr } from '../../support/inputs/cidr.ts';
import { poolOf } from './sample.ts';

const NOW = 1_795_249_881n * 1_000_000_000n;
const CONFIG = { strict_affinity: true, auto_allocate_blocks: true, maxBlocksPerHost: 2, ipCooldownSeconds: 60 };

/** A block of eight addresses; who has each from the first on: a node, '' for one without a node, or a time of release. */
function blockOf(text: string, owner: string | undefined, holders: readonly string[]): Block {
  const attributes = holders.map((holder) =>
    /^\d{4}-/.test(holder)
      ? { releasedAt: holder }
      : { handle_id: 'h', secondary: holder === '' ? {} : { node: holder } },
  );
  return {
    cidr: text,
    affinity: owner ?? null,
    allocations: Array.from({ length: 8 }, (_, at) => (at < holders.length ? at : null)),
    unallocated: Array.from({ length: 8 - holders.length }, (_, at) => at + holders.length),
    attributes,
    sequenceNumber: 1n,
    sequenceNumberForAllocation: {},
    deleted: false,
  };
}

function figuresOf(blocks: readonly Block[], more: Partial<CountSettings> = {}) {
  const pools = [poolOf('a', '10.0.0.0/26', 29), { ...poolOf('b', '10.1.0.0/28', 29), enabled: false }];
  const surroundings = { pools, reservations: { 4: [], 6: [] }, cooldown: 60, nodes: ['n1', 'n2'], ...more };
  const count = countFigures(surroundings, NOW);
  for (const block of blocks) count.add(cidr(block.cidr), block);
  return readFigures(exposition(clusterFamilies(count.figures(), CONFIG)));
}

describe('the figures of', () => {
  test('an empty cluster are 0 for every pool and node', () => {
    const now = figuresOf([]);
    for (const ippool of ['a', 'b'])
      for (const node of ['n1', 'n2']) expect(now.value('ipam_allocations_in_use', { ippool, node })).toBe(0);
    expect(now.value('ipam_ippool_size', { ippool: 'a' })).toBe(64);
    expect(now.value('ipam_ippool_free_blocks', { ippool: 'a' })).toBe(8);
    expect(now.value('ipam_ippool_enabled', { ippool: 'b' })).toBe(0);
    expect(now.value('ipam_strict_affinity')).toBe(1);
    expect(now.value('ipam_node_block_limit')).toBe(2);
  });

  test('addresses: in use and borrowed, by pool and node', () => {
    const now = figuresOf([
      blockOf('10.0.0.0/29', 'host:n1', ['n1', 'n1', 'n2', '']),
      blockOf('10.0.0.8/29', 'host:n2', ['n2']),
      blockOf('10.0.0.16/29', undefined, ['n1']),
      blockOf('10.0.0.24/29', 'virtual:lb', ['n1']),
      blockOf('10.1.0.0/29', 'host:n1', ['n1']),
      blockOf('10.9.0.0/29', 'host:n1', ['n1', 'n3']),
    ]);
    const of = (name: string, ippool: string, node: string) => now.value(name, { ippool, node });
    expect(of('ipam_allocations_in_use', 'a', 'n1')).toBe(4);
    expect(of('ipam_allocations_in_use', 'a', 'n2')).toBe(2);
    expect(of('ipam_allocations_in_use', 'a', 'unknown_node')).toBe(1);
    expect(of('ipam_allocations_in_use', 'no_ippool', 'n3')).toBe(1);
    expect(of('ipam_allocations_borrowed', 'a', 'n2')).toBe(1);
    expect(of('ipam_allocations_borrowed', 'a', 'n1')).toBe(2);
    expect(of('ipam_allocations_borrowed', 'no_ippool', 'n3')).toBe(1);
    expect(of('ipam_blocks', 'a', 'no_affinity')).toBe(2);
    expect(now.value('ipam_allocations_per_node', { node: 'n1' })).toBe(6);
    expect(now.value('ipam_blocks_per_node', { node: 'n1' })).toBe(3);
    expect(now.value('ipam_allocations_borrowed_per_node', { node: 'n1' })).toBe(2);
    expect(now.value('ipam_ippool_free_blocks', { ippool: 'a' })).toBe(4);
    expect(now.value('ipam_ippool_claimable_addresses', { ippool: 'a' })).toBe(32);
    expect(now.value('ipam_ippool_free_addresses', { ippool: 'a' })).toBe(57);
  });

  test('addresses in cooldown: in use until it is over', () => {
    const [over, during] = ['2026-11-21T08:30:00Z', '2026-11-21T08:31:00Z'];
    const now = figuresOf([blockOf('10.0.0.0/29', 'host:n1', [over, during, 'n1'])]);
    expect(now.sum('ipam_allocations_in_use', { ippool: 'a' })).toBe(2);
    expect(now.value('ipam_ippool_cooling_addresses', { ippool: 'a' })).toBe(1);
    expect(now.value('ipam_node_free_addresses', { node: 'n1', ip_version: '4' })).toBe(6);
  });

  test('reserved addresses: free for nobody', () => {
    const from = cidr('10.0.0.4/30').base;
    const reservations = { 4: [{ from, to: from + 4n }], 6: [] };
    const now = figuresOf([blockOf('10.0.0.0/29', 'host:n1', ['n1'])], { reservations });
    expect(now.value('ipam_ippool_reserved_addresses', { ippool: 'a' })).toBe(4);
    expect(now.value('ipam_node_free_addresses', { node: 'n1', ip_version: '4' })).toBe(3);
    expect(now.value('ipam_ippool_free_addresses', { ippool: 'a' })).toBe(59);
  });

  test('nodes at their limit: by IP version', () => {
    const pools = [poolOf('a', '10.0.0.0/26', 29), poolOf('six', 'fd00::/120', 125)];
    const now = figuresOf(
      [
        blockOf('10.0.0.0/29', 'host:n1', []),
        blockOf('10.0.0.8/29', 'host:n1', []),
        blockOf('10.0.0.16/29', 'host:n2', []),
        blockOf('fd00::/125', 'host:n1', []),
      ],
      { pools },
    );
    expect(now.value('ipam_nodes_at_block_limit', { ip_version: '4' })).toBe(1);
    expect(now.value('ipam_nodes_at_block_limit', { ip_version: '6' })).toBe(0);
    expect(now.value('ipam_node_blocks', { node: 'n1', ip_version: '6' })).toBe(1);
  });
});
