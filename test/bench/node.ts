import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../support/host/host.ts';
import { makeKeys } from '../support/network/tls-keys.ts';
import { clusterInformation, node } from '../support/stored/cluster.ts';
import { type Follower, startFollower } from '../support/watch/follower.ts';
import { type Line, summary } from './figures.ts';
import { BIG_POOL, fill } from './full-store.ts';
import { startFreshEtcd } from './here.ts';
import { largeCluster } from './large-cluster/objects.ts';
import { serveCluster } from './large-cluster/server.ts';
import { measureNodeRun } from './node-run.ts';
import { peakMemory, processorTime } from './process-cost.ts';
import type { LoneSample } from './program.ts';
import type { Stage } from './stage.ts';

const ADDRESSES = 64;
const WHOLE = { nodes: 1_000, rounds: 20, idleMs: 20_000 };
const SMALL = { nodes: 50, rounds: 2, idleMs: 2_000 };

/**
 * What it costs to keep a copy of what routing is computed from, in a large cluster whose nodes have two full blocks each, and
 * to route by it.
 */
export async function measureNode({ host, quick }: Stage): Promise<readonly Line[]> {
  const size = quick ? SMALL : WHOLE;
  return [
    ...(await measureEtcd(host, size)),
    ...(await measureKubernetes(host, size)),
    ...(await measureNodeRun(size)),
  ];
}

/** How many nodes there are, how many more come, and how long nothing happens. */
export interface Size {
  readonly nodes: number;
  readonly rounds: number;
  readonly idleMs: number;
}

async function measureEtcd(host: Host, size: Size): Promise<readonly Line[]> {
  const etcd = await startFreshEtcd(host, 42379, { 'quota-backend-bytes': String(4 * 1024 ** 3) });
  try {
    await etcd.put({ ...clusterInformation(), ...BIG_POOL });
    await fill(etcd, 2 * size.nodes);
    const env = { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: etcd.endpoint };
    const add = (number: number) => etcd.put(node(`added-${number}`, '10.0.0.9/24'));
    return await measure('etcd', () => startFollower(host, env), add, size);
  } finally {
    await etcd.stop();
  }
}

/** The API server makes its answers up, the first time that they are asked for. */
async function measureKubernetes(host: Host, size: Size): Promise<readonly Line[]> {
  const keys = makeKeys();
  const blocks = 2 * size.nodes;
  const server = await serveCluster(keys, largeCluster({ blocks, pods: ADDRESSES * blocks }), new Map());
  const group = { CALICO_API_GROUP: 'crd.projectcalico.org/v1' };
  const env = { DATASTORE_TYPE: 'kubernetes', ...group, K8S_API_ENDPOINT: server.url, K8S_CA_FILE: keys.ca };
  const add = async (number: number) =>
    server.add('/api/v1/nodes', {
      metadata: {
        name: `added-${number}`,
        resourceVersion: String(9_000_000 + number),
        annotations: { 'projectcalico.org/IPv4Address': '10.0.0.9/24' },
      },
    });
  try {
    return await measure('the Kubernetes API', () => startFollower(host, env), add, size);
  } finally {
    server.close();
  }
}

async function measure(
  where: string,
  follow: () => Promise<Follower>,
  add: (number: number) => Promise<unknown>,
  size: Size,
): Promise<readonly Line[]> {
  const { nodes, rounds, idleMs } = size;
  const first: LoneSample[] = [];
  for (let round = 0; round < Math.min(rounds, 5); round++) first.push(await firstCopy(follow, nodes));
  const follower = await follow();
  try {
    await follower.until(({ size: held }) => held === nodes);
    const added: LoneSample[] = [];
    for (let number = 1; number <= rounds; number++)
      added.push(await untilSeen(follower, () => add(number), nodes + number));
    const before = processorTime(follower.pid);
    await sleep(idleMs);
    const idle = processorTime(follower.pid) - before;
    const of = `${nodes.toLocaleString('en')} nodes, ${(2 * nodes).toLocaleString('en')} full blocks`;
    return [
      { name: `copy of ${where}: ${of}`, figures: { ...summary(first), memory: peakMemory(follower.pid) } },
      { name: `copy of ${where}: one more node`, figures: summary(added) },
      { name: `copy of ${where}: ${idleMs / 1_000} s without a change`, figures: { cpu: idle } },
    ];
  } finally {
    await follower.stop();
  }
}

/** From the start of the process to a copy of everything. */
async function firstCopy(follow: () => Promise<Follower>, nodes: number): Promise<LoneSample> {
  const began = Date.now();
  const follower = await follow();
  try {
    const { at } = await follower.until(({ size }) => size === nodes);
    return { millis: at - began, cpu: processorTime(follower.pid), stdout: '' };
  } finally {
    await follower.stop();
  }
}

/** From before a write to when it is in the copy. */
async function untilSeen(follower: Follower, write: () => Promise<unknown>, nodes: number): Promise<LoneSample> {
  const [began, before] = [Date.now(), processorTime(follower.pid)];
  await write();
  const { at } = await follower.until(({ size }) => size === nodes);
  return { millis: at - began, cpu: processorTime(follower.pid) - before, stdout: '' };
}
