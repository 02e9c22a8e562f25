import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import type { State } from '../../support/bed/state.ts';
import { addressesOf, failureOf, silentSuccess } from '../../support/calls/call.ts';
import { expectFree, GRPC_OPTIONS, grpc, withDataplane } from '../../support/dataplane/dataplane-bed.ts';
import {
  type Behaviour,
  HOST_INTERFACE,
  MAC,
  obliging,
  SOCKET,
  startRelay,
} from '../../support/dataplane/grpc-dataplane.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { type Conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

describe('an ADD with dataplane_options of type grpc', () => {
  test('lets the dataplane make the interface: sends it everything, puts its reply in result and endpoint, and DEL removes all', async ({
    bed,
  }) => {
    await withDataplane(bed, obliging, async (seen) => {
      const container = await bed.container();
      const before = await bed.state();
      const changes = grpc({ mtu: 1400, container_settings: { allow_ip_forwarding: true } });
      const result = await bed.add(container, changes);
      const [address = ''] = addressesOf(result);
      expect(seen).toEqual([{ method: 'Add', message: messageOf(container, `${address}/26`) }]);
      expect(result).toEqual({
        cniVersion: '1.0.0',
        interfaces: [{ name: HOST_INTERFACE }, { mac: MAC, mtu: 1400, name: 'eth0', sandbox: netnsOf(container) }],
        ips: [{ address: `${address}/32`, interface: 1 }],
        routes: [{ dst: `${address}/26` }],
      });
      expect(await endpointSpec(bed)).toMatchObject({
        interfaceName: HOST_INTERFACE,
        mac: MAC,
        ipNetworks: [`${address}/32`],
      });
      expect(kernelOf(await bed.state())).toEqual(kernelOf(before));
      silentSuccess(await bed.call('CHECK', container, grpc({ prevResult: result })));
      await bed.del(container, changes);
      expect(seen.at(-1)).toEqual({
        method: 'Del',
        message: { interfaceName: 'eth0', netns: netnsOf(container), dataplaneOptions: GRPC_OPTIONS },
      });
      expectFree(await bed.state());
    });
  });

  test('sends both families and all routes', async ({ bed }) => {
    await bed.etcd.put(POOL6);
    await withDataplane(bed, obliging, async (seen) => {
      const result = await bed.add(await bed.container(), grpc({ ipam: DUAL }));
      const [v4, v6] = addressesOf(result);
      expect(seen[0]?.message).toMatchObject({
        containerIps: [
          { address: `${v4}/26`, gateway: '<nil>' },
          { address: `${v6}/122`, gateway: '<nil>' },
        ],
        containerRoutes: ['0.0.0.0/0', '::/0'],
      });
    });
  });

  test('sends what another IPAM plugin assigned, including the gateway, and releases through it', async ({ bed }) => {
    const changes = grpc({
      ipam: { type: 'host-local', subnet: '10.80.0.0/24', dataDir: '/run/calico-test/host-local' },
    });
    await withDataplane(bed, obliging, async (seen) => {
      const container = await bed.container();
      await bed.add(container, changes);
      expect(seen[0]?.message['containerIps']).toEqual([{ address: '10.80.0.2/24', gateway: '10.80.0.1' }]);
      expect((await endpointSpec(bed))['ipNetworks']).toEqual(['10.80.0.2/32']);
      await bed.del(container, changes);
      expectFree(await bed.state());
      expect(addressesOf(await bed.add(await bed.container(), changes))).toEqual(['10.80.0.3']);
    });
  });

  test('of a running container keeps its address, asks the dataplane again and uses the new reply', async ({ bed }) => {
    let number = 0;
    const moving: Behaviour = () => ({ successful: true, hostInterfaceName: `tap${number++}`, containerMac: MAC });
    await withDataplane(bed, moving, async (seen) => {
      const container = await bed.container();
      const first = await bed.add(container, grpc());
      const second = await bed.add(container, grpc());
      expect(addressesOf(second)).toEqual(addressesOf(first));
      expect(second.interfaces?.[0]?.name).toBe('tap1');
      expect((await endpointSpec(bed))['interfaceName']).toBe('tap1');
      expect(seen.map(({ method }) => method)).toEqual(['Add', 'Add']);
      expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
    });
  });

  test('also reaches a dataplane at a host and port', async ({ bed }) => {
    await withDataplane(bed, obliging, async (seen) => {
      const relay = await startRelay(bed.host, 9111, SOCKET);
      const container = await bed.container();
      const changes = grpc({ dataplane_options: { type: 'grpc', socket: '127.0.0.1:9111' } });
      expect((await bed.add(container, changes)).interfaces?.[0]?.name).toBe(HOST_INTERFACE);
      await bed.del(container, changes);
      expect(seen.map(({ method }) => method)).toEqual(['Add', 'Del']);
      await relay.stop();
    });
  });

  test('accepts an interface without a MAC', async ({ bed }) => {
    await withDataplane(
      bed,
      () => ({ successful: true, hostInterfaceName: 'tun0' }),
      async () => {
        const result = await bed.add(await bed.container(), grpc());
        expect(result.interfaces?.[1]).toEqual({ name: 'eth0', sandbox: expect.any(String) });
        expect(await endpointSpec(bed)).not.toHaveProperty('mac');
      },
    );
  });
});

describe('with a grpc dataplane', () => {
  test.for(['gone', 'not given'])(
    'DEL calls the dataplane if the namespace is %s, and may be repeated',
    async (how, { bed }) => {
      await withDataplane(bed, obliging, async (seen) => {
        const container = await bed.container();
        await bed.add(container, grpc());
        const changes = { ...grpc(), ...(how === 'gone' ? {} : { netns: '' }) };
        if (how === 'gone') await bed.host.must('ip', ['netns', 'del', container.netns]);
        await bed.del(container, changes);
        await bed.del(container, changes);
        expect(seen.map(({ method }) => method)).toEqual(['Add', 'Del', 'Del']);
        expectFree(await bed.state());
      });
    },
  );

  test('CHECK reports a missing endpoint and a missing address', async ({ bed }) => {
    await withDataplane(bed, obliging, async () => {
      const container = await bed.container();
      const prevResult = await bed.add(container, grpc());
      const healthy = await bed.etcd.dump();
      await bed.etcd.del(...Object.keys(healthy).filter((key) => /workloadendpoints|\/handle\//.test(key)));
      const { msg, details } = failureOf(await bed.call('CHECK', container, grpc({ prevResult })));
      expect(msg).toMatch(/^endpoint \S+ does not exist$/);
      expect(details).toMatch(/IPAM handle \S+ does not exist/);
      await bed.etcd.put(healthy);
    });
  });

  test('STATUS answers 50 while the dataplane is unreachable, and sends it no request when it is reachable', async ({
    bed,
  }) => {
    const noContainer: CallChanges = { netns: '', env: { CNI_IFNAME: '' }, ...grpc({ cniVersion: '1.1.0' }) };
    const status = () => bed.call('STATUS', { containerID: '', netns: '' }, noContainer);
    await withDataplane(bed, obliging, async (seen) => {
      silentSuccess(await status());
      expect(seen).toEqual([]);
    });
    expect(failureOf(await status())).toMatchObject({
      code: 50,
      msg: `grpc dataplane error: connect ENOENT ${SOCKET}`,
    });
  });

  test('GC has the dataplane remove stale interfaces, and releases their addresses even if the dataplane fails', async ({
    bed,
  }) => {
    const nothing: CallChanges = { netns: '', env: { CNI_IFNAME: '' } };
    const stale = grpc({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] });
    for (const successful of [true, false]) {
      await withDataplane(
        bed,
        (seen) => (seen.method === 'Del' ? { successful, errorMessage: 'what netns?' } : obliging(seen)),
        async (seen) => {
          await bed.add(await bed.container(), grpc());
          const ran = await bed.call('GC', { containerID: '', netns: '' }, { ...nothing, ...stale });
          if (successful) silentSuccess(ran);
          else expect(failureOf(ran).msg).toContain('grpc dataplane error: what netns?');
          expect(seen.at(-1)).toMatchObject({ method: 'Del', message: { interfaceName: 'eth0', netns: '' } });
          expectFree(await bed.state());
        },
      );
    }
  });

  test('invalid or unsupported values are rejected before any work', async ({ bed }) => {
    const container = await bed.container();
    const before = [await bed.state(), await bed.etcd.revision()];
    const bandwidth = { ingressRate: 1_000_000, ingressBurst: 80_000 };
    const refused: readonly [Conf, string][] = [
      [{ dataplane_options: { type: 'grpc' } }, 'GRPC dataplane socket not configured'],
      [{ dataplane_options: { type: 'grpc', socket: 7 } }, 'GRPC dataplane socket not configured'],
      [
        { dataplane_options: { type: 'grpc', socket: 'nowhere' } },
        'grpc dataplane error: not a valid address: nowhere',
      ],
      [{ dataplane_options: { type: 'vpp' } }, 'invalid dataplane type: vpp'],
      [{ runtimeConfig: { bandwidth } }, 'runtimeConfig.bandwidth is not supported with a grpc dataplane'],
      [{ runtimeConfig: { mac: MAC } }, 'runtimeConfig.mac is not supported with a grpc dataplane'],
    ];
    for (const [changes, msg] of refused) {
      expect(failureOf(await bed.call('ADD', container, grpc(changes)))).toMatchObject({ code: 999, msg });
    }
    expect([await bed.state(), await bed.etcd.revision()]).toEqual(before);
  });
});

const netnsOf = ({ netns }: Container) => `/var/run/netns/${netns}`;

/** What a dataplane receives for a container without Kubernetes. */
const messageOf = (container: Container, address: string) => ({
  interfaceName: 'eth0',
  netns: netnsOf(container),
  desiredHostInterfaceName: `cali${container.containerID.slice(0, 11)}`,
  settings: { allowIpForwarding: true, mtu: 1400 },
  containerIps: [{ address, gateway: '<nil>' }],
  containerRoutes: ['0.0.0.0/0', '::/0'],
  workload: {
    name: `node1-cni-${container.containerID}-eth0`,
    namespace: 'default',
    labels: { 'projectcalico.org/namespace': 'default', 'projectcalico.org/orchestrator': 'cni' },
    annotations: {},
    endpoint: 'eth0',
    node: 'node1',
    orchestrator: 'cni',
    pod: '',
    ports: [],
  },
  dataplaneOptions: GRPC_OPTIONS,
});

async function endpointSpec(bed: Bed): Promise<Conf> {
  const [text = '{}'] = Object.values(await bed.etcd.dump('/calico/resources/v3/projectcalico.org/workloadendpoints/'));
  return JSON.parse(text).spec;
}

const kernelOf = ({ host, pods }: State) => ({ host, pods });
