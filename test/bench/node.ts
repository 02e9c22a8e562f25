import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterInformation, node } from '../support/stored/cluster.ts';
import { type Follower, startFollower } from '../support/watch/follower.ts';
import { type Line, summary } from './figures.ts';
import { BIG_POOL, fill } from './full-store.ts';
import { startFreshEtcd } from './here.ts';
import type { LoneSample } from './program.ts';
import type { Stage } from './stage.ts';

const WHOLE = { nodes: 1_000, rounds: 20, idleMs: 20_000 };
const SMALL = { nodes: 50, rounds: 2, idleMs: 2_000 };

/**
 * What it costs to keep a copy of what routing is computed from, on an etcd with many nodes, each with two full blocks: until
 * everything has been read, for one more node until it is in the copy, and while nothing changes.
 */
export async function measureNode({ host, quick }: Stage): Promise<readonly Line[]> {
  const { nodes, rounds, idleMs } = quick ? SMALL : WHOLE;
  const etcd = await startFreshEtcd(host, 42379, { 'quota-backend-bytes': String(4 * 1024 ** 3) });
  const of = `${nodes.toLocaleString('en')} nodes, ${(2 * nodes).toLocaleString('en')} full blocks`;
  try {
    await etcd.put({ ...clusterInformation(), ...BIG_POOL });
    await fill(etcd, 2 * nodes);
    const follow = () => startFollower(host, { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: etcd.endpoint });
    const first = [];
    for (let round = 0; round < Math.min(rounds, 5); round++) first.push(await firstCopy(follow, nodes));
    const follower = await follow();
    await follower.until(({ size }) => size === nodes);
    const added: LoneSample[] = [];
    for (let number = 1; number <= rounds; number++) {
      const write = () => etcd.put(node(`added-${number}`, '10.0.0.9/24'));
      added.push(await untilSeen(follower, write, nodes + number));
    }
    const before = processorTime(follower);
    await sleep(idleMs);
    const idle = processorTime(follower) - before;
    const memory = peakMemory(follower);
    await follower.stop();
    return [
      { name: `copy of ${of}`, figures: { ...summary(first), memory } },
      { name: 'one more node in it', figures: summary(added) },
      { name: `${idleMs / 1_000} s without a change`, figures: { cpu: idle } },
    ];
  } finally {
    await etcd.stop();
  }
}

/** From the start of the process to a copy of everything. */
async function firstCopy(follow: () => Promise<Follower>, nodes: number): Promise<LoneSample> {
  const began = Date.now();
  const follower = await follow();
  const { at } = await follower.until(({ size }) => size === nodes);
  const cpu = processorTime(follower);
  await follower.stop();
  return { millis: at - began, cpu, stdout: '' };
}

/** From before a write to when it is in the copy. */
async function untilSeen(follower: Follower, write: () => Promise<void>, nodes: number): Promise<LoneSample> {
  const [began, before] = [Date.now(), processorTime(follower)];
  await write();
  const { at } = await follower.until(({ size }) => size === nodes);
  return { millis: at - began, cpu: processorTime(follower) - before, stdout: '' };
}

/** User and system time in milliseconds, as exact as the scheduler counts it. */
const processorTime = ({ pid }: Follower): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

/** In megabytes. */
const peakMemory = ({ pid }: Follower): number =>
  (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
