import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { Datastore } from '../../../shared/datastore/datastore.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { silent } from '../../../shared/log/log.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { request } from '../../support/stored/ipam-world.ts';
import { openFakeApi } from './fake-api.ts';
import { G1, later, ofGroup, open } from './fake-datastore.ts';

/** A cluster with a pool and a node without a block. */
function cluster() {
  const api = openFakeApi([...ofGroup(G1), `${G1}/ipreservations`, '/api/v1/nodes']);
  api.put('/api/v1/nodes/node1', { metadata: { name: 'node1' }, spec: {}, status: {} });
  api.put(`${G1}/ippools/p`, { metadata: { name: 'p' }, spec: { cidr: '10.0.0.0/24', blockSize: 28 } });
  return api;
}

const add = (store: Datastore, container: string) =>
  transact({ store, world: fakeWorld({}), log: silent, deadline: later }, () => assign(request('node1', container)));

test('an ADD that read its affinities before another ADD of the node claimed a block uses that block without a lost race', async () => {
  const api = cluster();
  const store = open(api);
  const late: Datastore = {
    ...store,
    read: async (queries, deadline) => {
      if (queries.some((query) => 'freeBlocks' in query)) await add(open(api), 'c1');
      return store.read(queries, deadline);
    },
  };
  const { addresses } = await add(late, 'c2');
  expect(addresses).toHaveLength(1);
  const writes = api.rounds.flat().filter((line) => !line.startsWith('GET'));
  expect(writes.filter((line) => line.includes('blockaffinities'))).toHaveLength(2);
  expect(writes.filter((line) => line.includes('ipamblocks'))).toHaveLength(2);
});

test('an ADD that read an affinity as pending, before another ADD of the node confirmed it, does not write it again', async () => {
  const api = cluster();
  await add(open(api), 'c1');
  const [path = ''] = api.paths().filter((each) => each.includes('blockaffinities'));
  const affinity = api.get(path) ?? expect.fail('no affinity');
  api.put(path, { ...affinity, spec: { ...Object(affinity['spec']), state: 'pending' } });
  const store = open(api);
  let isLate = false;
  const late: Datastore = {
    ...store,
    read: async (queries, deadline) => {
      if (!isLate && queries.some((query) => 'get' in query && query.get.kind === 'block')) {
        isLate = true;
        await add(open(api), 'c2');
      }
      return store.read(queries, deadline);
    },
  };
  api.rounds.splice(0);
  const { addresses } = await add(late, 'c3');
  expect(addresses).toHaveLength(1);
  const writes = api.rounds.flat().filter((line) => !line.startsWith('GET'));
  expect(writes.filter((line) => line.includes('blockaffinities'))).toHaveLength(1);
  expect(writes.filter((line) => line.includes('ipamblocks'))).toHaveLength(2);
});
