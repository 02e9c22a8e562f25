import { expect, test } from 'vitest';
import { nodeAddresses } from '../../../ctl/ipam/node-blocks.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { silent } from '../../../shared/log/log.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { claimOn } from '../../support/stored/ipam-world.ts';
import { seeded } from '../../support/stored/seeded.ts';

const CIDR = '192.168.0.0/26';
const blocks = async (keys: Readonly<Record<string, string>>) => {
  const session = { store: connected(keys), world: fakeWorld({}), log: silent, deadline: 1_000 };
  return (await transact(session, () => nodeAddresses('node1', 0n))).blocks;
};
const claim = (state: string) => ({ [claimOn('node1', CIDR)]: JSON.stringify({ state, deleted: false }) });

test.each([
  ['of this node, confirmed', 'node1', 'confirmed', 'confirmed'],
  ['of this node, without a state', 'node1', '', 'confirmed'],
  ['of this node, being released', 'node1', 'pendingDeletion', 'pendingDeletion'],
  ['of another node', 'node2', 'confirmed', 'belongs to host:node2'],
])('a block %s', async (_, owner, state, shown) => {
  const holders = [{ handleID: 'h', attributes: {} }];
  const found = await blocks({ ...seeded([{ node: owner, cidr: CIDR, holders }]), ...claim(state) });
  expect(found).toEqual([{ cidr: CIDR, pool: undefined, state: shown, total: 64, used: 1 }]);
});
