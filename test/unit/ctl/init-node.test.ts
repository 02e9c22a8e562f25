import { expect, test } from 'vitest';
import { initNode } from '../../../ctl/init/node.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Connection, connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const KEY = '/calico/resources/v3/projectcalico.org/nodes/node1';
const stamp = { now: 0n, uid: () => 'u' };

async function init(store: Connection, cidr: string | undefined) {
  const chosen = cidr === undefined ? undefined : { cidr, why: 'given' };
  const addresses = [{ family: 4, by: cidr === undefined ? 'none' : 'given', chosen }] as const;
  const session = { store, world: fakeWorld({}), log: silent, deadline: 1_000 };
  await transact(session, () => initNode({ name: 'node1', addresses, ipv6: false }, stamp));
  return JSON.parse(store.dump()[KEY] ?? 'null')?.spec;
}

test('an existing Node without an address gets one, and keeps it when init runs again', async () => {
  const store = connected({});
  expect((await init(store, undefined))?.bgp?.ipv4Address).toBeUndefined();
  expect((await init(store, '10.0.0.1/24')).bgp).toEqual({ ipv4Address: '10.0.0.1/24' });
  expect((await init(store, '10.0.0.1/24')).bgp).toEqual({ ipv4Address: '10.0.0.1/24' });
});

test('an address of a Node counts as used, also if the Node’s name is not valid for Calico', async () => {
  const other = JSON.stringify({ kind: 'Node', spec: { bgp: { ipv4Address: '10.0.0.1/24' } } });
  const store = connected({ [KEY.replace('node1', 'rack/node2')]: other });
  await expect(init(store, '10.0.0.1/24')).rejects.toThrow(
    /^Calico node '.*rack\/node2' is already using the IPv4 address 10\.0\.0\.1$/,
  );
});
