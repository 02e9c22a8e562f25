import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { blockOf, container } from '../../support/stored/ipam-healthy.ts';
import { ENDPOINT, has, nodes, type Stage, test } from './etcd-stage.ts';

const BLOCK = blockOf('192.168.0.0/29', 'host:node3', { 1: container('c1', 'node2') });
const [blockKey = ''] = Object.keys(BLOCK);
const [node2 = ''] = Object.keys(nodes(2));

/** Keeps a process from noticing anything until the work is done. */
async function unseen(pid: number, work: () => Promise<unknown>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await work();
  process.kill(pid, 'SIGCONT');
}

const compact = async ({ etcd }: Stage) =>
  etcd().post('kv/compaction', { revision: await etcd().revision(), physical: true });

describe.concurrent('a copy of etcd', () => {
  test('holds what is stored, and follows its changes', async ({ stage }) => {
    const follower = await stage.follow();
    const first = await has(follower, 'node1', 'node2');
    expect(first.holds).toMatchObject({ nodes: { node1: '10.0.0.1' }, pools: ['default-ipv4-ippool'], blocks: {} });
    await stage.etcd().put({ ...nodes(3), ...BLOCK });
    await follower.until(
      ({ holds }) => holds?.blocks['192.168.0.0/29'] === 'node3' && holds.nodes['node3'] !== undefined,
    );
    await stage.etcd().del(node2, blockKey);
    const last = await has(follower, 'node1', 'node3');
    expect(last.holds?.blocks).toEqual({});
    expect(follower.said.filter(({ trouble, unusable }) => trouble !== undefined || unusable.length > 0)).toEqual([]);
  });

  test('stays as it was while etcd is away, and goes on from there', async ({ stage }) => {
    const follower = await stage.follow();
    await has(follower, 'node1', 'node2');
    expect((await stage.etcd().calls())['Txn']).toBeGreaterThan(5);
    await stage.kill();
    const away = await follower.until(({ trouble }) => trouble !== undefined);
    expect(away.trouble).toContain(`etcd cannot be reached: ${ENDPOINT}`);
    expect(away.trouble).toContain('ECONNREFUSED');
    expect(away.holds).toEqual(follower.said[0]?.holds);
    await stage.restart();
    await follower.until(({ trouble }) => trouble === undefined);
    await stage.etcd().put(nodes(3));
    await has(follower, 'node1', 'node2', 'node3');
    // Nothing is read again: one request that asks for the state of the cluster.
    expect((await stage.etcd().calls())['Txn']).toBe(1);
  });

  test('reads everything again when etcd has compacted what it missed', async ({ stage }) => {
    const follower = await stage.follow();
    await has(follower, 'node1', 'node2');
    await unseen(follower.pid, async () => {
      await stage.kill();
      await stage.restart();
      await stage.etcd().put(nodes(3, 4));
      await stage.etcd().del(node2);
      await stage.etcd().put(nodes(5));
      await compact(stage);
    });
    await has(follower, 'node1', 'node3', 'node4', 'node5');
    expect(follower.said.flatMap(({ trouble }) => trouble ?? [])).toEqual([]);
    await stage.etcd().del(...Object.keys(nodes(4)));
    await has(follower, 'node1', 'node3', 'node5');
  });

  test('reads everything again from another cluster behind the same endpoint', async ({ stage }) => {
    const follower = await stage.follow();
    await stage.etcd().put(nodes(3, 4, 5));
    await has(follower, 'node1', 'node2', 'node3', 'node4', 'node5');
    await unseen(follower.pid, async () => {
      await stage.kill();
      await stage.host.must('sh', ['-ec', 'rm -r /run/calico-test/etcd-2379/data']);
      await stage.restart();
      await stage.etcd().put(nodes(7));
    });
    await has(follower, 'node7');
    await stage.etcd().put(nodes(8));
    await has(follower, 'node7', 'node8');
  });

  test('notices that etcd hangs, and goes on when it no longer does', { timeout: 120_000 }, async ({ stage }) => {
    const follower = await stage.follow();
    await has(follower, 'node1', 'node2');
    stage.etcd().pause();
    const away = await follower.until(({ trouble }) => trouble !== undefined);
    expect(away.trouble).toContain('etcd does not answer');
    stage.etcd().resume();
    await stage.etcd().put(nodes(3));
    await has(follower, 'node1', 'node2', 'node3');
    await follower.until(({ trouble }) => trouble === undefined);
  });

  test('waits for an etcd that is not there yet', async ({ stage }) => {
    await stage.kill();
    const follower = await stage.follow();
    const away = await follower.until(({ trouble }) => trouble !== undefined);
    expect(away.holds).toBeUndefined();
    await sleep(3_000);
    await stage.restart();
    await has(follower, 'node1', 'node2');
  });

  test('leaves out what cannot be read, and says so until it can', async ({ stage }) => {
    const bad = Object.fromEntries(
      Object.entries(nodes(3)).map(([key, value]) => [key, value.replace('"10.0.0.3/24"', '{"not":"an address"}')]),
    );
    await stage.etcd().put(bad);
    const follower = await stage.follow();
    const first = await has(follower, 'node1', 'node2');
    expect(first.unusable).toEqual([expect.stringMatching(/^node node3 is not used: .*ipv4Address/)]);
    await stage.etcd().put(nodes(3));
    const last = await has(follower, 'node1', 'node2', 'node3');
    expect(last.unusable).toEqual([]);
  });
});
