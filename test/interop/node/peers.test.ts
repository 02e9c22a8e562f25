import { describe, expect, test } from 'vitest';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { routedForTests } from '../../support/machines/for-tests.ts';
import type { Machines } from '../../support/machines/machines.ts';
import { combinations } from '../../support/machines/matrix.ts';
import { pingCount } from '../../support/machines/ping.ts';
import { lostBetween, untilAllReach } from '../../support/machines/routed.ts';
import { startTopOfRack } from '../../support/machines/top-of-rack.ts';
import { routes } from '../../support/network/netns.ts';

const NONE_LOST = { lost: 0, longestGap: 0, refused: {} };

/** Stores resources from a machine. */
const apply = (machines: Machines, ...resources: readonly object[]): Promise<string> =>
  machines
    .machine('node1')
    .said('apply -f -', JSON.stringify(resources.map((each) => ({ apiVersion: 'projectcalico.org/v3', ...each }))));

const bgp = (spec: object) => ({ kind: 'BGPConfiguration', metadata: { name: 'default' }, spec });
const peer = (name: string, spec: object) => ({ kind: 'BGPPeer', metadata: { name }, spec });

describe.each(combinations())(
  'a route reflector instead of the mesh, with $store and BIRD $bird',
  ({ store, bird }) => {
    const routed = routedForTests({ store, bird, in: { node1: 1, node2: 1, node3: 1 } });

    test('takes over, and is then the only peer of the others', async () => {
      const { machines, pods } = routed;
      await untilAllReach(pods);
      const node1 = machines.machine('node1');
      await node1.said('label nodes node1 route-reflector=true');
      await node1.said('patch node node1 -p {"spec":{"bgp":{"routeReflectorClusterID":"244.0.0.1"}}}');
      await apply(machines, peer('reflector', { nodeSelector: 'all()', peerSelector: "route-reflector == 'true'" }));
      await apply(machines, bgp({ nodeToNodeMeshEnabled: false }));
      for (const name of ['node2', 'node3'])
        await until(async () => (await sessionsOf(name)) === 1, `${name} to have one session`);
      await untilAllReach(pods);
      expect(await lostBetween(pods, { size: 1500 })).toEqual({});
    });

    test('new blocks of a client reach the other clients', async () => {
      const [node2, node3] = [routed.machines.machine('node2'), routed.machines.machine('node3')];
      // Fill a block of 16.
      const pods = [];
      for (let made = 0; made < 17; made++) pods.push(await node2.pod());
      const other = await node3.pod();
      await untilAllReach([other, ...pods.slice(-2)]);
      const through = (await routes(node3.host)).filter(
        ({ gateway, dst }) => gateway === node2.address && !dst.includes(':'),
      );
      expect(through.length).toBeGreaterThan(1);
    });

    /** How many sessions for IPv4 a machine has. */
    async function sessionsOf(name: string): Promise<number> {
      const { host } = routed.machines.machine(name);
      const { stdout } = await host.run('sh', ['-c', 'grep -c "^protocol bgp" /run/calico/bird.cfg']);
      const protocols = Number(stdout);
      return bird === 1 ? protocols : protocols / 2;
    }
  },
);

const PASSWORD = 'between us';

describe.each(combinations())(
  'a router of the rack as the only peer, with $store and BIRD $bird',
  ({ store, bird }) => {
    const routed = routedForTests({
      store,
      bird,
      in: { node1: 1, node2: 1, node3: 2 },
      prepare: async (machines) => {
        const hosts = machines.all.map(({ host }) => host);
        await machines.store.addPassword(hosts, 'rack', 'password', PASSWORD);
        for (const { name, subnet } of machines.all)
          await machines.machine('node1').said(`label nodes ${name} rack=r${subnet}`);
        const password = { secretKeyRef: { name: 'rack', key: 'password' } };
        const sides = ([1, 2] as const).flatMap((subnet) =>
          [`172.16.${subnet}.254`, `fd00:172:16:${subnet}::254`].map((peerIP, at) =>
            peer(`rack${subnet}-${at}`, { peerIP, asNumber: 64600, nodeSelector: `rack == 'r${subnet}'`, password }),
          ),
        );
        await apply(machines, bgp({ nodeToNodeMeshEnabled: false, asNumber: 64512 }), ...sides);
      },
    });

    test('pods of both subnets reach each other and the outside with their own addresses', async () => {
      const { machines, pods } = routed;
      startTopOfRack(machines.router, machines.all, { asNumber: 64600, theirs: 64512, password: PASSWORD });
      await untilAllReach(pods);
      expect(await lostBetween(pods, { size: 1500 })).toEqual({});
      for (const pod of pods)
        expect(await pingCount(machines.outside.host.enter(), pod.address, { size: 1500 })).toEqual({
          sent: 5,
          ...NONE_LOST,
        });
    });

    test('a pool that is not exported stays unknown to the router', async () => {
      const { machines } = routed;
      const pool = (name: string, spec: object) => ({ kind: 'IPPool', metadata: { name }, spec });
      await apply(
        machines,
        pool('inside', { cidr: '10.60.0.0/24', blockSize: 28, disableBGPExport: true }),
        pool('exported', { cidr: '10.61.0.0/24', blockSize: 28 }),
      );
      const node3 = machines.machine('node3');
      const podOf = (name: string) => node3.pod({ ipam: { type: 'calico-ipam', ipv4_pools: [name] } });
      const pod = await podOf('inside');
      const blackholed = async () =>
        (await routes(node3.host)).some(({ dst, type }) => type === 'blackhole' && dst.startsWith('10.60.'));
      await until(blackholed, 'the block to be routed on its machine');
      const later = await podOf('exported');
      const atRouter = async (start: string) =>
        (await routes(machines.router)).filter(({ dst }) => dst.startsWith(start));
      await until(async () => (await atRouter('10.61.')).length > 0, 'a block made after it to be known to the router');
      expect(await atRouter('10.60.')).toEqual([]);
      await pod.remove();
      await later.remove();
    });

    test('diags have the sessions, and not their password', async () => {
      const { host } = routed.machines.machine('node1');
      expect(await host.must('cat', ['/run/calico/bird.cfg'])).toContain(PASSWORD);
      await routed.machines.machine('node1').said('node diags -o /run/calico-test/diags');
      const script =
        'mkdir out; tar xzf diags.tar.gz -C out --strip-components=1; cd out; cat files/var/run/calico/bird.cfg; ! grep -rl "$1" .';
      const shown = await host.must('sh', ['-ec', `cd /run/calico-test; ${script}`, 'sh', PASSWORD]);
      expect(shown).toMatch(/neighbor 172\.16\.1\.254[\s\S]*password "\(removed\)"/);
    });
  },
);
