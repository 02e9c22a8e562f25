import { describe, expect, test } from 'vitest';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { routedForTests } from '../../support/machines/for-tests.ts';
import { combinations } from '../../support/machines/matrix.ts';
import { readdress } from '../../support/machines/readdress.ts';
import { lostBetween, lostDuring, untilAllReach } from '../../support/machines/routed.ts';
import { routes } from '../../support/network/netns.ts';

const PLACES = { node1: 1, node2: 1, node3: 1 } as const;
const NONE_LOST = { lost: 0, longestGap: 0, refused: {} };
const SMALL_POOL = JSON.stringify({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name: 'small' },
  spec: { cidr: '10.50.0.0/29', blockSize: 30, natOutgoing: true },
});

describe.each(combinations())('full mesh of machines with $store and BIRD $bird', ({ store, bird }) => {
  const routed = routedForTests({ store, bird, in: PLACES });
  const machine = (name: string) => routed.machines.machine(name);

  test('pods of all machines reach each other with full-size packets, in both families', async () => {
    await untilAllReach(routed.pods);
    expect(await lostBetween(routed.pods, { size: 1500 })).toEqual({});
  });

  test('each machine routes the blocks of others through them, and drops what is in none of its own', async () => {
    for (const { host } of routed.machines.all) {
      const found = (await routes(host)).filter(({ dst }) => /^(?:192\.168\.|fd80:)/.test(dst));
      expect(found.filter(({ gateway }) => gateway?.startsWith('172.16.1.'))).toHaveLength(2);
      expect(found.filter(({ type }) => type === 'blackhole')).toHaveLength(2);
    }
  });

  test('node status shows every session, and the blocks that are announced', async () => {
    const status = await machine('node1').said('node status');
    for (const name of ['node2', 'node3']) {
      const { address, address6 } = machine(name);
      for (const peer of [address, address6])
        expect(status).toMatch(
          new RegExp(`^\\| ${peer} +\\| node-to-node mesh +\\| up +\\| \\S+ +\\| Established +\\|$`, 'm'),
        );
    }
    expect(status).toMatch(/192\.168\.\d+\.\d+\/28/);
  });

  test('pods reach a host outside, which knows no pods, from their machine’s address', async () => {
    for (const pod of routed.pods)
      expect(await pod.count(routed.machines.outside.address, { size: 1500 })).toEqual({ sent: 5, ...NONE_LOST });
  });

  test('an address in another machine’s block is reached from everywhere', async () => {
    await machine('node1').said('create -f -', SMALL_POOL);
    const conf = { ipam: { type: 'calico-ipam', ipv4_pools: ['small'] } };
    const pods = [];
    for (const each of routed.machines.all) pods.push(await each.pod(conf));
    // Two blocks for three machines: the last one has its address from the block of another.
    expect(new Set(pods.map(({ address }) => Math.floor(Number(address.split('.')[3]) / 4))).size).toBe(2);
    await untilAllReach(pods);
    expect(await lostBetween([...pods, ...routed.pods])).toEqual({});
    for (const pod of pods) await pod.remove();
  });

  test('a machine comes and goes, and the others lose nothing', async () => {
    const lost = await lostDuring(routed.pods, async () => {
      const added = await routed.machines.add('node4', 1);
      await routed.start(added);
      const pod = await added.pod();
      await untilAllReach([...routed.pods, pod]);
      await routed.machines.remove('node4');
      await routed.machines.store.removeNode('node4');
      await machine('node1').said('delete node node4 --yes');
      const gone = async () => (await routes(machine('node1').host)).every(({ gateway }) => gateway !== added.address);
      await until(gone, 'the routes to node4 to be gone');
    });
    expect(lost).toEqual({});
    await machine('node1').said('ipam check --cluster-only');
  });

  test('a machine that gets another address connects anew, and is reached at that', async () => {
    await readdress(machine('node3'), 33);
    await untilAllReach(routed.pods);
    expect(routed.run('node3').output()).toContain(
      'the address of the Node is gone: connected to the datastore anew\n',
    );
    expect(await lostBetween(routed.pods)).toEqual({});
  });
});
