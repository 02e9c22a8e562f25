import { expect, test } from 'vitest';
import { tunnelAddresses } from '../../../ctl/commands/node-addresses.ts';

const ADDRESSES = tunnelAddresses({
  apiVersion: 'projectcalico.org/v3',
  kind: 'Node',
  metadata: { name: 'node1' },
  spec: { bgp: { ipv4IPIPTunnelAddr: '10.0.0.1' } },
});

test.each([
  ['by its handle', 'ipip-tunnel-addr-node1', {}, true],
  ['by its type', 'h', { type: 'ipipTunnelAddress', node: 'node1' }, true],
  ['by both', 'ipip-tunnel-addr-node1', { type: 'ipipTunnelAddress', node: 'node1' }, true],
  ['not by another node’s handle', 'ipip-tunnel-addr-node2', {}, false],
  ['not by its type on another node', 'h', { type: 'ipipTunnelAddress', node: 'node2' }, false],
  ['not by neither', 'net1.c1', { node: 'node1' }, false],
] as const)('an allocation is a tunnel’s of this node %s', (_, handleID, attributes, isOwn) => {
  expect(ADDRESSES.map(({ address }) => address)).toEqual(['10.0.0.1']);
  expect(ADDRESSES[0]?.isOwn({ handleID, attributes } as never)).toBe(isOwn);
});
