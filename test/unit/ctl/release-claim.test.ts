import { describe, expect, test } from 'vitest';
import { releaseClaim } from '../../../ctl/commands/release-claim.ts';
import { allocate, newBlock } from '../../../ipam/block/block.ts';
import { encodeBlock } from '../../../ipam/block/block-json.ts';
import type { Block } from '../../../shared/calico/model.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { refOf } from '../../../shared/etcd/keys.ts';
import { silent } from '../../../shared/log/log.ts';
import { network } from '../../../shared/net/cidr.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const CIDR = network(4, 0x0a0a0000n, 30);
const CLAIM = '/calico/ipam/v2/host/node1/ipv4/block/10.10.0.0-30';
const BLOCK = '/calico/ipam/v2/assignment/ipv4/block/10.10.0.0-30';
const NOW = BigInt(Date.UTC(2026, 10, 21)) * 1_000_000n;

const empty = newBlock(CIDR, 'node1', NOW);
const used = allocate(empty, [0], { handle_id: 'net1.c1' });

/** The datastore after the affinity of node1 is released. */
async function givenUp(block: Block | undefined, claim = CLAIM): Promise<Record<string, unknown>> {
  const store = connected({ [claim]: '{"state":"confirmed"}', ...(block && { [BLOCK]: encodeBlock(block) }) });
  const ref = refOf(claim);
  if (ref?.kind !== 'affinity') throw new Error(`not an affinity: ${claim}`);
  const options = { store, world: fakeWorld({}), log: silent, deadline: 1_000 };
  await transact(options, () => releaseClaim(ref));
  return store.dump();
}

describe('releasing an affinity', () => {
  test('deletes its empty block', async () => {
    expect(await givenUp(empty)).toEqual({});
  });

  test('leaves a block with addresses without an owner, with its sequence number raised', async () => {
    const { affinity_claim_time: _, ...unclaimed } = used;
    const disowned = { ...unclaimed, affinity: null, sequenceNumber: used.sequenceNumber + 1n };
    expect(await givenUp(used)).toEqual({ [BLOCK]: encodeBlock(disowned) });
  });

  test('deletes only the affinity when the block is another owner’s, or missing', async () => {
    const others = { ...used, affinity: 'host:node2' };
    expect(await givenUp(others)).toEqual({ [BLOCK]: encodeBlock(others) });
    expect(await givenUp({ ...empty, affinity: 'host:node2' })).toEqual({
      [BLOCK]: encodeBlock({ ...empty, affinity: 'host:node2' }),
    });
    expect(await givenUp(undefined)).toEqual({});
  });

  test('works for the load balancer’s', async () => {
    const claim = '/calico/ipam/v2/virtual/load-balancer/ipv4/block/10.10.0.0-30';
    expect(await givenUp({ ...empty, affinity: 'virtual:load-balancer' }, claim)).toEqual({});
  });
});
