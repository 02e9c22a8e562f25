import { describe, expect, test } from 'vitest';
import { isFault } from '../../../ctl/check/finding.ts';
import { repair } from '../../../ctl/repair/repair.ts';
import { inspectModel, linesOf, menderOf } from '../../support/calicoctl/check-model.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { MENDABLE } from '../../support/stored/ipam-damage.ts';
import { A, blockOf, container, counts, damaged, HEALTHY, UNUSUAL } from '../../support/stored/ipam-healthy.ts';
import { at, nodeKeyOf } from '../../support/stored/ipam-world.ts';

const NOW = at(3600);

describe('a check finds nothing wrong', () => {
  test('with a healthy cluster', async () => {
    expect(violations(HEALTHY)).toEqual([]);
    const { findings, counts } = await inspectModel(fakeStore(HEALTHY), NOW);
    expect(linesOf(findings)).toEqual([]);
    expect(counts).toEqual({ blocks: 1, addresses: 1, handles: 1, claims: 1, endpoints: 1, pools: 1, nodes: 2 });
  });

  test('with tunnels, virtual machines, load balancers, Windows nodes, cooling and reserved addresses', async () => {
    expect(violations(UNUSUAL)).toEqual([]);
    expect(linesOf((await inspectModel(fakeStore(UNUSUAL), NOW)).findings)).toEqual([]);
  });

  test('with sequence numbers of free addresses, which a release by the original leaves', async () => {
    const sequence = { sequenceNumber: 5n, sequenceNumberForAllocation: { 0: 1n, 4: 9n } };
    const put = blockOf(A, 'host:node1', { 0: container('c1') }, sequence);
    expect(linesOf((await inspectModel(fakeStore(damaged({ put })), NOW)).findings)).toEqual([]);
  });
});

const TUNNELS = ['ipip', 'vxlan', 'vxlan-v6', 'wireguard', 'wireguard-v6'].map((kind) => `${kind}-tunnel-addr-node1`);
const TYPES = ['ipip', 'vxlan', 'vxlanV6', 'wireguard', 'wireguardV6'].map((kind) => `${kind}TunnelAddress`);

/** An address without an endpoint, and what the Node says about it. */
interface Lone {
  readonly handleID: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

describe('a check and a repair leave an address that has no endpoint by design:', () => {
  test.each<Lone>([
    ...TUNNELS.map((handleID) => ({ handleID })),
    // Assigned by calico-ipam: the network's name comes first, as for a container.
    ...TUNNELS.map((handleID) => ({ handleID: `net1.${handleID}` })),
    { handleID: 'net1.vxlan-tunnel-addr-node1.example.com' },
    { handleID: 'k8s.pod.network.ipip-tunnel-addr-node1' },
    ...TYPES.map((type) => ({ handleID: 'net1.c9', attributes: { type } })),
    { handleID: 'net1.tunl0', spec: { bgp: { ipv4Address: '10.0.0.1/24', ipv4IPIPTunnelAddr: '10.10.0.1' } } },
    { handleID: 'net1.vxlan0', spec: { ipv4VXLANTunnelAddr: '10.10.0.1' } },
    { handleID: 'net1.wg0', spec: { wireguard: { interfaceIPv4Address: '10.10.0.1' } } },
    { handleID: 'lb-abc' },
    { handleID: 'net1.c9', attributes: { service: 'web' } },
    { handleID: 'net1.vmi.default.vm1' },
    { handleID: 'net1.c9', attributes: { 'vm-uid': 'u' } },
  ])('$handleID $attributes $spec', async ({ handleID, attributes = {}, spec = {} }) => {
    const held = { handle_id: handleID, secondary: { node: 'node1', ...attributes } };
    const put = {
      ...blockOf(A, 'host:node1', { 0: container('c1'), 1: held }),
      ...counts(handleID, { [A]: 1 }),
      [nodeKeyOf('node1')]: JSON.stringify({ kind: 'Node', metadata: { name: 'node1' }, spec }),
    };
    expect(linesOf((await inspectModel(fakeStore(damaged({ put })), NOW, 0)).findings)).toEqual([]);
  });

  test.each([...TUNNELS, ...TUNNELS.map((handleID) => `net1.${handleID}`)])(
    'but not once its node is gone: %s',
    async (handleID) => {
      const held = { handle_id: handleID, secondary: { node: 'lost' } };
      const put = { ...blockOf(A, 'host:node1', { 0: container('c1'), 1: held }), ...counts(handleID, { [A]: 1 }) };
      const { findings } = await inspectModel(fakeStore(damaged({ put })), NOW);
      expect(linesOf(findings)).toContain(
        `leaked 10.10.0.1: handle ${handleID}, on lost, node lost has no Node resource`,
      );
    },
  );
});

describe('a check finds, and a repair fixes,', () => {
  test.each(MENDABLE)('$name', async (damage) => {
    const model = fakeStore(damaged(damage));
    const { findings } = await inspectModel(model, NOW);
    expect(linesOf(findings)).toEqual([...damage.says].sort());
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, findings.filter(isFault), options);
    expect(verdicts.filter(({ end }) => end === 'left')).toEqual([]);
    expect(violations(model.dump())).toEqual([]);
    expect((await inspectModel(model, NOW)).findings.filter(isFault)).toEqual([]);
  });

  test.each(MENDABLE)('$name, which a dry run only reports', async (damage) => {
    const model = fakeStore(damaged(damage));
    const before = model.dump();
    const faults = (await inspectModel(model, NOW)).findings.filter(isFault);
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, faults, { ...options, dryRun: true });
    expect(verdicts.map(({ end }) => end)).toEqual(faults.map(() => 'mended'));
    expect(model.dump()).toEqual(before);
  });

  test('all of it at once, in a store of many blocks', async () => {
    // Damage to the same key excludes each other: the later one wins.
    const model = fakeStore(Object.assign({}, HEALTHY, ...MENDABLE.map(({ put }) => definedOf(put))));
    const { findings } = await inspectModel(model, NOW);
    const { means, options } = menderOf(model, NOW);
    await repair(means, findings.filter(isFault), options);
    expect(violations(model.dump())).toEqual([]);
    expect((await inspectModel(model, NOW)).findings.filter(isFault)).toEqual([]);
  });
});

const definedOf = (put: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(put).filter((entry): entry is [string, string] => entry[1] !== undefined));
