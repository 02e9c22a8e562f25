import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Server } from 'node:net';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../support/bed.ts';
import { type Conf, conf, DUAL, POOL6 } from '../support/cluster.ts';
import { addressesOf, failureOf, silentSuccess } from '../support/cni.ts';
import {
  type Behaviour,
  HOST_INTERFACE,
  MAC,
  obliging,
  openDataplane,
  SOCKET,
  startRelay,
} from '../support/dataplane.ts';
import type { State } from '../support/state.ts';
import { usedAddresses } from '../support/transitions.ts';

const TOLD = { type: 'grpc', socket: `unix://${SOCKET}`, colour: 'blue' };
const OPTIONS = { ...TOLD, number: 7, nested: { a: 'b' } };
const grpc = (changes: Conf = {}): CallChanges => ({
  conf: conf({ cniVersion: '1.0.0', dataplane_options: OPTIONS, ...changes }),
});

/** A dataplane for the time of one piece of work. */
async function withDataplane<T>(
  bed: Bed,
  behave: Behaviour,
  work: (seen: Awaited<ReturnType<typeof openDataplane>>['seen']) => Promise<T>,
): Promise<T> {
  const dataplane = await openDataplane(bed.host, behave);
  try {
    return await work(dataplane.seen);
  } finally {
    dataplane.close();
  }
}

describe('an ADD with dataplane_options of type grpc', () => {
  test('is the dataplane’s work: it is told all, its word goes to result and endpoint, DEL takes all away', async ({
    bed,
  }) => {
    await withDataplane(bed, obliging, async (seen) => {
      const container = await bed.container();
      const before = await bed.state();
      const changes = grpc({ mtu: 1400, container_settings: { allow_ip_forwarding: true } });
      const result = await bed.add(container, changes);
      const [address = ''] = addressesOf(result);
      expect(seen).toEqual([{ method: 'Add', message: told(container, `${address}/26`) }]);
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
        message: { interfaceName: 'eth0', netns: netnsOf(container), dataplaneOptions: TOLD },
      });
      expectFree(await bed.state());
    });
  });

  test('tells both families and all routes', async ({ bed }) => {
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

  test('tells what another IPAM plugin gave, its gateway too, and releases through it', async ({ bed }) => {
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

  test('of a container that is up keeps its address, asks again and takes the new word over', async ({ bed }) => {
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

  test('reaches a dataplane at a host and a port too', async ({ bed }) => {
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

  test('needs no MAC of an interface that has none', async ({ bed }) => {
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

describe('a failed ADD with a grpc dataplane leaves nothing', () => {
  /** What the dataplane does, what ADD says, and whether the dataplane is asked to take away what it may have made. */
  const FAILURES: readonly { name: string; add: Behaviour; msg: RegExp; undone: boolean }[] = [
    {
      name: 'refuses',
      add: () => ({ successful: false, errorMessage: 'no room for taps' }),
      msg: /^grpc dataplane error: no room for taps$/,
      undone: false,
    },
    { name: 'fails', add: () => 'unavailable', msg: /^grpc dataplane error: not today$/, undone: true },
    {
      name: 'is silent',
      add: () => 'silence',
      msg: /^grpc dataplane error: (no answer within [45](\.\d+)? s|Deadline exceeded)$/,
      undone: true,
    },
    {
      name: 'names no interface',
      add: () => ({ successful: true, containerMac: MAC }),
      msg: /^grpc dataplane error: no name of an interface: ""$/,
      undone: true,
    },
    {
      name: 'names a MAC that is none',
      add: () => ({ successful: true, hostInterfaceName: 'tap0', containerMac: 'zz' }),
      msg: /^grpc dataplane error: address zz: invalid MAC address$/,
      undone: true,
    },
  ];

  test.for(FAILURES)('when the dataplane $name', async ({ add, msg, undone }, { bed }) => {
    const behave: Behaviour = (seen) => (seen.method === 'Add' ? add(seen) : { successful: true });
    await withDataplane(bed, behave, async (seen) => {
      const container = await bed.container();
      expect(failureOf(await bed.call('ADD', container, grpc()))).toMatchObject({
        code: 999,
        msg: expect.stringMatching(msg),
      });
      expect(seen.map(({ method }) => method)).toEqual(undone ? ['Add', 'Del'] : ['Add']);
      expectFree(await bed.state());
    });
  });

  test('when the endpoint cannot be stored, and the dataplane takes the interface away', async ({ bed }) => {
    const robbed: Behaviour = async ({ method }) => {
      if (method === 'Add') await bed.etcd.del(...Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/')));
      return obliging({ method, message: {} }) as Awaited<ReturnType<Behaviour>> & object;
    };
    await withDataplane(bed, robbed, async (seen) => {
      const failure = failureOf(await bed.call('ADD', await bed.container(), grpc()));
      expect(failure.msg).toBe('the addresses were released again by another call for this container');
      expect(seen.map(({ method }) => method)).toEqual(['Add', 'Del']);
      expectFree(await bed.state());
    });
  });

  /** Listeners that are no dataplane. */
  const STRANGERS: readonly { name: string; listen: () => Server | undefined; msg: RegExp }[] = [
    {
      name: 'nobody listens',
      listen: () => undefined,
      msg: /^grpc dataplane error: connect ENOENT \/run\/calico-test\/dataplane\.sock$/,
    },
    {
      name: 'it hangs up',
      listen: () => createServer((socket) => socket.destroy()),
      msg: /^grpc dataplane error: .*(closed|ECONNRESET|EPIPE)/,
    },
    {
      name: 'it sends noise',
      listen: () => createServer((socket) => void socket.on('error', () => {}).write(Buffer.alloc(4096, 0xa5))),
      msg: /^grpc dataplane error: .*(closed|HTTP\/2)/,
    },
    {
      name: 'it accepts and is silent',
      listen: () => createServer(() => {}),
      msg: /^grpc dataplane error: no connection within [45](\.\d+)? s$/,
    },
    {
      name: 'it is a web server',
      listen: () => web({ ':status': 404 }, []),
      msg: /^grpc dataplane error: HTTP status 404/,
    },
    {
      name: 'its reply is garbage',
      listen: () => web({ ':status': 200, 'grpc-status': '0' }, [0, 0, 0, 0, 3, 0x1a, 9, 1]),
      msg: /^grpc dataplane error: unreadable answer/,
    },
  ];

  test.for(STRANGERS)('when $name, and DEL says so and releases all the same', async ({ listen, msg }, { bed }) => {
    const container = await bed.container();
    const up = await withDataplane(bed, obliging, async () => {
      const one = await bed.container();
      await bed.add(one, grpc());
      return one;
    });
    const server = listen();
    await new Promise<void>((done) => (server === undefined ? done() : server.listen(bed.host.file(SOCKET), done)));
    expect(failureOf(await bed.call('ADD', container, grpc()))).toMatchObject({
      code: 999,
      msg: expect.stringMatching(msg),
    });
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
    expect(failureOf(await bed.call('DEL', up, grpc()))).toMatchObject({ code: 999, msg: expect.stringMatching(msg) });
    server?.close();
    expectFree(await bed.state());
  });
});

describe('with a grpc dataplane', () => {
  test.for(['gone', 'not told'])(
    'DEL asks the dataplane though the namespace is %s, and may be repeated',
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

  test('CHECK tells of a lost endpoint and a lost address', async ({ bed }) => {
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

  test('STATUS answers 50 while the dataplane cannot be called, and asks it nothing when it can', async ({ bed }) => {
    const nobody: CallChanges = { netns: '', env: { CNI_IFNAME: '' }, ...grpc({ cniVersion: '1.1.0' }) };
    const status = () => bed.call('STATUS', { containerID: '', netns: '' }, nobody);
    await withDataplane(bed, obliging, async (seen) => {
      silentSuccess(await status());
      expect(seen).toEqual([]);
    });
    expect(failureOf(await status())).toMatchObject({
      code: 50,
      msg: `grpc dataplane error: connect ENOENT ${SOCKET}`,
    });
  });

  test('GC has the dataplane remove what is stale, and releases it though the dataplane cannot', async ({ bed }) => {
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

  test('what cannot be meant or kept is refused before any work', async ({ bed }) => {
    const container = await bed.container();
    const before = [await bed.state(), await bed.etcd.revision()];
    const bandwidth = { ingressRate: 1_000_000, ingressBurst: 80_000 };
    const refused: readonly [Conf, string][] = [
      [{ dataplane_options: { type: 'grpc' } }, 'GRPC dataplane socket not configured'],
      [{ dataplane_options: { type: 'grpc', socket: 7 } }, 'GRPC dataplane socket not configured'],
      [
        { dataplane_options: { type: 'grpc', socket: 'nowhere' } },
        'grpc dataplane error: no address that can be called: nowhere',
      ],
      [{ dataplane_options: { type: 'vpp' } }, 'invalid dataplane type: vpp'],
      [{ runtimeConfig: { bandwidth } }, 'runtimeConfig.bandwidth cannot be kept with a grpc dataplane'],
      [{ runtimeConfig: { mac: MAC } }, 'runtimeConfig.mac cannot be kept with a grpc dataplane'],
    ];
    for (const [changes, msg] of refused) {
      expect(failureOf(await bed.call('ADD', container, grpc(changes)))).toMatchObject({ code: 999, msg });
    }
    expect([await bed.state(), await bed.etcd.revision()]).toEqual(before);
  });
});

const netnsOf = ({ netns }: Container) => `/var/run/netns/${netns}`;

/** What a dataplane hears of a container without Kubernetes. */
const told = (container: Container, address: string) => ({
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
  dataplaneOptions: TOLD,
});

/** An HTTP/2 server that answers everything so. */
function web(headers: Record<string, string | number>, body: readonly number[]): Server {
  const server = createHttp2().on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond(headers);
    stream.end(Buffer.from(body));
  });
  return server as unknown as Server;
}

async function endpointSpec(bed: Bed): Promise<Conf> {
  const [text = '{}'] = Object.values(await bed.etcd.dump('/calico/resources/v3/projectcalico.org/workloadendpoints/'));
  return JSON.parse(text).spec;
}

const kernelOf = ({ host, pods }: State) => ({ host, pods });

/** No handle, no endpoint, no allocation. */
function expectFree({ etcd }: State): void {
  const text = Object.entries(etcd).flat().join('\n');
  for (const trace of ['/ipam/v2/handle/', 'workloadendpoints', 'handle_id']) expect(text).not.toContain(trace);
}
