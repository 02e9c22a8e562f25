import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { routedForTests } from '../../support/machines/for-tests.ts';
import { AWAY_MS, IS_WHOLE, stores } from '../../support/machines/matrix.ts';
import { readdress } from '../../support/machines/readdress.ts';
import { lostBetween, lostDuring, untilAllReach } from '../../support/machines/routed.ts';
import { links, routes } from '../../support/network/netns.ts';

const NONE_LOST = { lost: 0, longestGap: 0, refused: {} };
/** VXLAN takes 50 bytes of a packet for IPv4, 70 for IPv6. */
const MTU = 1500 - 70;
const A_WHILE = 3_000;

const pool = (name: string, spec: object) => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { natOutgoing: true, ...spec },
});

const MODES = ['Always', 'CrossSubnet'] as const;
/** `vxlan.test.ts` has IPv4 with each datastore. */
const SAMPLE = [{ store: 'etcd', mode: 'CrossSubnet' }] as const;
const WHOLE = stores().flatMap((store) => MODES.map((mode) => ({ store, mode })));

describe.each(IS_WHOLE ? WHOLE : SAMPLE)(
  'VXLAN $mode between two subnets with $store, without BIRD',
  ({ store, mode }) => {
    const routed = routedForTests({
      store,
      bird: 2,
      init: '',
      options: ['--backend', 'vxlan'],
      in: { node1: 1, node2: 1, node3: 2 },
      prepare: async (machines) => {
        const pools = [
          pool('four', { cidr: '192.168.0.0/16', blockSize: 28, vxlanMode: mode }),
          pool('six', { cidr: 'fd80:24e2:f998:72d6::/64', vxlanMode: mode }),
        ];
        await machines.machine('node1').said('apply -f -', JSON.stringify(pools));
      },
    });
    const machine = (name: string) => routed.machines.machine(name);

    test('pods reach each other with full-size packets, in both families', async () => {
      await untilAllReach(routed.pods);
      expect(await lostBetween(routed.pods, { size: MTU })).toEqual({});
      const count = await routed.pods[0]?.count(routed.pods[2]?.address ?? '', { size: MTU + 100 });
      expect(count).toMatchObject({ lost: 5, refused: { 'Message too long': 5 } });
    });

    test('only what crosses subnets goes through the tunnel, if so wanted', async () => {
      const found = await routes(machine('node1').host);
      const through = (name: string) => found.filter(({ gateway }) => gateway === machine(name).address);
      const tunnelled = found.filter(({ dst, dev }) => dev === 'vxlan.calico' && dst.includes('/28'));
      expect(through('node2')).toHaveLength(mode === 'Always' ? 0 : 1);
      expect(tunnelled).toHaveLength(mode === 'Always' ? 2 : 1);
    });

    test('pods reach a host outside, which knows no pods', async () => {
      for (const pod of routed.pods)
        expect(await pod.count(routed.machines.outside.address)).toEqual({ sent: 5, ...NONE_LOST });
    });

    test('a machine comes and goes, and the others lose nothing', async () => {
      const lost = await lostDuring(routed.pods, async () => {
        const added = await routed.machines.add('node4', 2);
        await routed.start(added);
        const pod = await added.pod();
        await untilAllReach([...routed.pods, pod]);
        const before = (await routes(machine('node1').host)).length;
        await routed.machines.remove('node4');
        await routed.machines.store.removeNode('node4');
        await machine('node1').said('delete node node4 --yes');
        await until(
          async () => (await routes(machine('node1').host)).length < before,
          'the routes to node4 to be gone',
        );
      });
      expect(lost).toEqual({});
    });

    test('nothing is lost while our process is killed and started again', async () => {
      const lost = await lostDuring(routed.pods, async () => {
        await routed.run('node3').kill();
        await sleep(A_WHILE);
        await routed.start(machine('node3'));
        await sleep(A_WHILE);
      });
      expect(lost).toEqual({});
    });

    test('nothing is lost while the datastore is away', { timeout: AWAY_MS + 60_000 }, async () => {
      const lost = await lostDuring(routed.pods, async () => {
        await routed.machines.store.leave('frozen');
        await sleep(AWAY_MS);
        await routed.machines.store.comeBack();
        await sleep(A_WHILE);
      });
      expect(lost).toEqual({});
    });

    test('a machine that gets another address is reached at that', async () => {
      await readdress(machine('node3'), 33);
      await untilAllReach(routed.pods);
      expect(await lostBetween(routed.pods, { size: MTU })).toEqual({});
    });

    test('node stop --clean removes devices and routes', async () => {
      const { host } = machine('node3');
      expect(await routed.run('node3').stop()).toBe(0);
      await machine('node3').said('node stop --clean');
      const left = (await links(host)).map(({ ifname }) => ifname).filter((name) => !/^(?:lo|eth0|cali.*)$/.test(name));
      expect(left).toEqual([]);
      expect((await routes(host)).filter(({ type, dst }) => type === 'blackhole' || dst.includes('/28'))).toEqual([]);
    });
  },
);
