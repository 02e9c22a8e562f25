import { describe, expect, test } from 'vitest';
import { storedBlock } from '../../../node/state/stored-block.ts';
import { storedNode } from '../../../node/state/stored-node.ts';
import { readJson } from '../../../shared/bytes/json.ts';
import { asObject } from '../../../shared/calico/stored.ts';
import { V1 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { accessIn } from '../../../shared/kubernetes-datastore/kind-access.ts';
import { parseCidr } from '../../../shared/net/cidr.ts';

const access = accessIn(V1, { reading: 'written', env: {} });
const CIDR = parseCidr('10.10.0.0/29') ?? expect.fail();

/** An object as it is read in full, and as it is read for routes. */
function bothWays(kind: 'Node' | 'block', object: object) {
  const { decode, routed } = access(kind);
  const text = JSON.stringify(object);
  const brief = asObject(readJson(text, routed?.leaveOut)) ?? expect.fail();
  return [decode(asObject(readJson(text)) ?? {}), routed?.read(brief)].map((entry) => entry ?? expect.fail());
}

describe('what is read for routes is what the whole object says', () => {
  test('of a node', () => {
    const node = {
      metadata: {
        name: 'node1',
        uid: 'u1',
        resourceVersion: '77',
        labels: { zone: 'z1', 10: 'ten', rack: 'kube' },
        managedFields: [{}],
        annotations: {
          'projectcalico.org/IPv4Address': '172.18.0.2/16',
          'projectcalico.org/ASNumber': '1.10',
          'projectcalico.org/IPv4VXLANTunnelAddr': '192.168.89.64',
          'projectcalico.org/labels': '{"rack":"r1","row":"7"}',
        },
      },
      status: { images: [{}], addresses: [{ type: 'InternalIP', address: 'fd00::2' }] },
    };
    const [whole, brief] = bothWays('Node', node).map((entry) => storedNode('node1', entry));
    expect(brief).toEqual(whole);
    expect(brief).toMatchObject({ labels: { rack: 'kube', row: '7' }, ipv6Address: { text: 'fd00::2' } });
  });

  test('of a block with a borrowed address', () => {
    const attributes = [
      { handle_id: 'a', secondary: { node: 'node1', pod: 'web' } },
      { handle_id: 'b', secondary: { node: 'node2' } },
    ];
    const spec = { cidr: CIDR.text, affinity: 'host:node1', allocations: [0, null, 1], unallocated: [1], attributes };
    const block = { metadata: { name: '10-10-0-0-29', resourceVersion: '5' }, spec };
    const [whole, brief] = bothWays('block', block).map((entry) => storedBlock(CIDR, entry));
    expect(brief).toEqual(whole);
    expect(brief).toMatchObject({ node: 'node1', borrowed: [{ address: { text: '10.10.0.2' }, node: 'node2' }] });
  });
});

test('a node whose addresses are no list is not read for routes either', () => {
  const broken = { metadata: { name: 'node1' }, status: { addresses: 'none' } };
  expect(() => access('Node').decode(broken)).toThrow();
  expect(() => access('Node').routed?.read(broken)).toThrow();
});
