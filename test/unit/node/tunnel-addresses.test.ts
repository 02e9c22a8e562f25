import { describe, expect, test } from 'vitest';
import { bringTunnelAddresses } from '../../../node/registration/tunnel-addresses.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, handle, node, nodeKeyOf, pool, poolKey } from '../../support/stored/ipam-world.ts';

const VXLAN = { cidr: '10.20.0.0/24', blockSize: 26, vxlanMode: 'Always' };
const SEED = { ...pool('p', VXLAN), ...node('n1', { rack: 'a' }) };
const HANDLE = 'vxlan-tunnel-addr-n1';

const bring = (model: FakeStore, seconds = 0, readOwnBlocks = false) =>
  bringTunnelAddresses((plan) => carryOut(model, plan), {
    node: 'n1',
    stamp: { now: at(seconds), uid: () => 'u' },
    readOwnBlocks,
  });
const specOf = (model: FakeStore) => JSON.parse(model.get(nodeKeyOf('n1'))?.value ?? '{}').spec;
const addressIn = (model: FakeStore): string => specOf(model).ipv4VXLANTunnelAddr;
const change = (model: FakeStore, spec: object) => {
  const { [poolKey('p')]: value = '' } = pool('p', { ...VXLAN, ...spec });
  model.put(poolKey('p'), value);
};

describe('a tunnel address', () => {
  test('is assigned with the handle and attributes of calico/node, and written to the Node', async () => {
    const model = fakeStore(SEED);
    const [line] = await bring(model);
    const address = addressIn(model);
    expect(line).toBe(`Node(n1) has the IPv4 VXLAN tunnel address ${address}`);
    const [cidr = ''] = Object.keys(JSON.parse(model.get(handle(HANDLE))?.value ?? '{}').block);
    const { attributes } = JSON.parse(model.get(block(cidr))?.value ?? '{}');
    expect(attributes).toEqual([{ handle_id: HANDLE, secondary: { node: 'n1', type: 'vxlanTunnelAddress' } }]);
    expect(violations(model.dump())).toEqual([]);
  });

  test('is kept as long as nothing changes', async () => {
    const model = fakeStore(SEED);
    await bring(model);
    const before = model.dump();
    expect(await bring(model, 60)).toEqual([]);
    expect(model.dump()).toEqual(before);
  });

  test('is released when no pool needs it', async () => {
    const model = fakeStore(SEED);
    await bring(model);
    const address = addressIn(model);
    change(model, { vxlanMode: 'Never' });
    expect(await bring(model)).toEqual([`released the IPv4 VXLAN tunnel address ${address}`]);
    expect(specOf(model).ipv4VXLANTunnelAddr).toBeUndefined();
    expect(model.get(handle(HANDLE))).toBeUndefined();
    expect(violations(model.dump(), { released: true })).toEqual([]);
    expect(await bring(model)).toEqual([]);
  });

  test('moves when its pool is disabled and another uses the tunnel', async () => {
    const model = fakeStore(SEED);
    await bring(model);
    const before = addressIn(model);
    change(model, { disabled: true });
    for (const [key, value] of Object.entries(pool('q', { ...VXLAN, cidr: '10.21.0.0/24' }))) model.put(key, value);
    const lines = await bring(model);
    expect(addressIn(model)).toMatch(/^10\.21\.0\./);
    expect(lines).toEqual([`Node(n1) has the IPv4 VXLAN tunnel address ${addressIn(model)}, no longer ${before}`]);
    expect(Object.keys(JSON.parse(model.get(handle(HANDLE))?.value ?? '{}').block)).toHaveLength(1);
    expect(violations(model.dump())).toEqual([]);
  });

  test('is assigned anew when the Node has lost it: the old one is released', async () => {
    const model = fakeStore(SEED);
    await bring(model);
    model.put(nodeKeyOf('n1'), node('n1')[nodeKeyOf('n1')] ?? '');
    await bring(model);
    expect(addressIn(model)).toMatch(/^10\.20\.0\./);
    expect(violations(model.dump())).toEqual([]);
    const counts = Object.values(JSON.parse(model.get(handle(HANDLE))?.value ?? '{}').block);
    expect(counts).toEqual([1]);
  });

  test('that another holds is not released', async () => {
    const model = fakeStore({ ...SEED, ...node('n2') });
    const other = { node: 'n2', stamp: { now: at(0), uid: () => 'u' }, readOwnBlocks: false };
    await bringTunnelAddresses((plan) => carryOut(model, plan), other);
    const taken = JSON.parse(model.get(nodeKeyOf('n2'))?.value ?? '{}').spec.ipv4VXLANTunnelAddr;
    const own = JSON.parse(model.get(nodeKeyOf('n1'))?.value ?? '{}');
    model.put(nodeKeyOf('n1'), JSON.stringify({ ...own, spec: { ipv4VXLANTunnelAddr: taken } }));
    await bring(model);
    expect(addressIn(model)).not.toBe(taken);
    expect(model.get(handle('vxlan-tunnel-addr-n2'))).toBeDefined();
    expect(violations(model.dump())).toEqual([]);
  });

  test.each([
    ['a pool that does not select the node', { nodeSelector: 'rack == "b"' }],
    ['a pool that is not for tunnels', { allowedUses: ['Workload'] }],
    ['a pool that is disabled', { disabled: true }],
  ])('is not taken from %s', async (_, spec) => {
    const model = fakeStore({ ...pool('p', { ...VXLAN, ...spec }), ...node('n1', { rack: 'a' }) });
    expect(await bring(model)).toEqual([]);
  });

  test('is taken from a pool for tunnels alone; each kind has its own', async () => {
    const model = fakeStore({
      ...pool('p', { ...VXLAN, allowedUses: ['Tunnel'] }),
      ...pool('six', { cidr: 'fd00:20::/116', blockSize: 122, vxlanMode: 'CrossSubnet' }),
      ...pool('ipip', { cidr: '10.30.0.0/24', blockSize: 26, ipipMode: 'Always' }),
      ...node('n1'),
    });
    expect(await bring(model)).toHaveLength(3);
    const spec = specOf(model);
    expect(spec.ipv4VXLANTunnelAddr).toMatch(/^10\.20\./);
    expect(spec.ipv6VXLANTunnelAddr).toMatch(/^fd00:20:/);
    expect(spec.bgp.ipv4IPIPTunnelAddr).toMatch(/^10\.30\./);
    for (const name of ['vxlan', 'vxlan-v6', 'ipip']) expect(model.get(handle(`${name}-tunnel-addr-n1`))).toBeDefined();
    expect(violations(model.dump())).toEqual([]);
  });

  test('of a node that is not registered is nobody’s', async () => {
    expect(await bring(fakeStore(pool('p', VXLAN)))).toEqual([]);
  });
});
