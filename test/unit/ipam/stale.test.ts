import { expect, test } from 'vitest';
import { containersHolding } from '../../../ipam/release/stale.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { A, blockOf, container, counts, damaged } from '../../support/stored/ipam-healthy.ts';

test.each(['ipip', 'vxlan', 'vxlan-v6', 'wireguard', 'wireguard-v6'])(
  'a GC does not take the address of a %s tunnel for a container’s',
  async (kind) => {
    const tunnel = { handle_id: `net1.${kind}-tunnel-addr-node1`, secondary: { node: 'node1' } };
    const put = {
      ...blockOf(A, 'host:node1', { 0: container('c1'), 1: tunnel }),
      ...counts(tunnel.handle_id, { [A]: 1 }),
    };
    const request = { node: 'node1', network: 'net1', kept: new Set<string>() };
    const { containers } = await carryOut(fakeStore(damaged({ put })), () => containersHolding(request));
    expect(containers).toEqual(['c1']);
  },
);
