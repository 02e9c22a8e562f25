import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { blockName } from '../../../shared/kubernetes-datastore/object-names.ts';
import { silent } from '../../../shared/log/log.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { poolSpec } from '../../support/stored/cluster.ts';
import { request } from '../../support/stored/ipam-world.ts';
import { type FakeApi, openFakeApi } from './fake-api.ts';
import { block, G1, later, ofGroup, open, putBlock } from './fake-datastore.ts';

const OWN = block(1);
const ADDRESS = '10.0.0.16';
const NODE = '/api/v1/nodes';
const ordinals = Array.from({ length: 16 }, (_, ordinal) => ordinal);

/** Our block, in which these handles hold the first addresses. */
function putHeld(api: FakeApi, sequenceNumber: number, ...handles: readonly string[]): void {
  putBlock(api, OWN, {
    affinity: 'host:node1',
    affinityClaimTime: '2026-11-21T00:00:00Z',
    allocations: ordinals.map((ordinal) => (ordinal < handles.length ? ordinal : null)),
    unallocated: ordinals.slice(handles.length),
    attributes: handles.map((handle_id) => ({ handle_id, secondary: { node: 'node1' } })),
    sequenceNumber,
    sequenceNumberForAllocation: {},
    strictAffinity: false,
  });
}

function cluster(): FakeApi {
  const api = openFakeApi([...ofGroup(G1), `${G1}/ipreservations`, NODE]);
  api.put(`${NODE}/node1`, { metadata: { name: 'node1' } });
  const pool = { ...poolSpec('10.0.0.0/24'), blockSize: 28 };
  api.put(`${G1}/ippools/p1`, { metadata: { name: 'p1' }, spec: pool });
  api.put(`${G1}/blockaffinities/node1-${blockName(OWN)}`, {
    metadata: {
      name: `node1-${blockName(OWN)}`,
      labels: {
        'projectcalico.org/affinity-type': 'host',
        'projectcalico.org/hostname-hash': '7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A',
      },
    },
    spec: { state: 'confirmed', node: 'node1', type: 'host', cidr: OWN.text, deleted: 'false' },
  });
  return api;
}

// A killed ADD has left the address in the block, without its handle: this one only writes the handle.
test('an address that is released while a repeated ADD takes it over is not returned', async () => {
  const api = cluster();
  putHeld(api, 1_000, 'net1.c1');
  const store = open(api);
  let isReleased = false;
  const racing: typeof store = {
    ...store,
    commit: (...args) => {
      // A collector frees it, and another pod gets it.
      if (!isReleased) putHeld(api, 1_002, 'net1.other');
      isReleased = true;
      return store.commit(...args);
    },
  };
  const plan = () => assign(request('node1', 'c1'));
  const { addresses } = await transact(
    { store: racing, world: { ...fakeWorld({}), elapsed: () => 0 }, log: silent, deadline: later },
    plan,
  );
  expect(addresses.map(({ address }) => address)).not.toContain(ADDRESS);
  const spec = api.get(`${G1}/ipamblocks/${blockName(OWN)}`)?.['spec'] as { attributes: { handle_id: string }[] };
  expect(spec.attributes.map(({ handle_id }) => handle_id)).toEqual(['net1.other', 'net1.c1']);
  expect(api.get(`${G1}/ipamhandles/net1.c1`)?.['spec']).toMatchObject({ block: { [OWN.text]: 1 } });
});
