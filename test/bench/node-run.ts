import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../build/tools.ts';
import { type Dump, type Etcd, startEtcd } from '../support/etcd/etcd.ts';
import { type Host, startHost } from '../support/host/host.ts';
import { clusterInformation, node, pool } from '../support/stored/cluster.ts';
import { seeded } from '../support/stored/seeded.ts';
import { type Line, summary } from './figures.ts';
import { fill } from './full-store.ts';
import type { Size } from './node.ts';
import { peakMemory, processorTime } from './process-cost.ts';
import type { LoneSample } from './program.ts';

const BACKENDS = { bird: 'Never', vxlan: 'Always' } as const;
type Backend = keyof typeof BACKENDS;

/** What `calicoctl node run` costs beside many nodes, with either way of routing; without what BIRD itself needs. */
export async function measureNodeRun(size: Size): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const backend of ['bird', 'vxlan'] as const) {
    const host = await startHost();
    const etcd = await startEtcd(host);
    try {
      await etcd.put({ ...clusterInformation(), ...pool('big', '10.64.0.0/12', { vxlanMode: BACKENDS[backend] }) });
      await fill(etcd, 2 * size.nodes);
      for (let number = 0; number < size.nodes; number++)
        await etcd.put(nodeWith(`worker-${String(number).padStart(5, '0')}`, number));
      lines.push(...(await measure(host, etcd, backend, size)));
    } finally {
      await etcd.stop();
      await host.stop();
    }
  }
  return lines;
}

const pair = (number: number): string => `${Math.floor(number / 200)}.${(number % 200) + 1}`;

/** A node of another subnet, with what tunnels need. */
function nodeWith(name: string, number: number): Dump {
  const [high, low] = [number >> 8, number & 255].map((byte) => byte.toString(16).padStart(2, '0'));
  const tunnel = { ipv4VXLANTunnelAddr: `10.200.${pair(number)}`, vxlanTunnelMACAddr: `66:00:00:00:${high}:${low}` };
  const entries = Object.entries(node(name, `10.1.${pair(number)}/16`)).map(([key, value]) => {
    const stored = JSON.parse(value);
    return [key, JSON.stringify({ ...stored, spec: { ...stored.spec, ...tunnel } })];
  });
  return Object.fromEntries(entries);
}

async function measure(host: Host, etcd: Etcd, backend: Backend, size: Size): Promise<readonly Line[]> {
  const env = {
    DATASTORE_TYPE: 'etcdv3',
    ETCD_ENDPOINTS: etcd.endpoint,
    PATH: `${tools().birds?.[2]}:/usr/sbin:/usr/bin:/sbin:/bin`,
  };
  const calicoctl = `${tools().bin}/calicoctl`;
  const [enter = '', ...words] = host.enter();
  const began = performance.now();
  const options = ['--name=node1', '--ip=10.0.0.1/24', `--backend=${backend}`];
  const child = spawn(enter, [...words, calicoctl, 'node', 'run', ...options], { env, stdio: 'ignore' });
  const { pid = 0 } = child;
  try {
    await until(async () => (await host.run(calicoctl, ['node', 'run', '--ready'], { env })).exit === 0);
    const first = { millis: performance.now() - began, cpu: processorTime(pid), stdout: '' };
    const added: LoneSample[] = [];
    for (let number = 0; number < size.rounds; number++)
      added.push(await addNode(host, etcd, backend, size.nodes + number, pid));
    await sleep(5_000);
    const before = processorTime(pid);
    await sleep(size.idleMs);
    const idle = processorTime(pid) - before;
    const name = `node run --backend=${backend} beside ${size.nodes.toLocaleString('en')} nodes`;
    return [
      { name: `${name}: until ready`, figures: { ...summary([first]), memory: peakMemory(pid) } },
      { name: `${name}: one more`, figures: summary(added) },
      { name: `${name}: ${size.idleMs / 1_000} s without a change`, figures: { cpu: idle } },
    ];
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    await host.run(calicoctl, ['node', 'stop', '--clean'], { env });
  }
}

/** From before a node with a block is written to when BIRD has it among its neighbours, or the kernel has a route to its block. */
async function addNode(host: Host, etcd: Etcd, backend: Backend, number: number, pid: number): Promise<LoneSample> {
  const name = `added-${number}`;
  const cidr = `10.79.${pair(number).split('.')[1]}.0/26`;
  const isThere = async () =>
    backend === 'vxlan'
      ? (await host.run('ip', ['route', 'show', cidr])).stdout !== ''
      : readFileSync(host.file('/run/calico/bird.cfg'), 'utf8').includes(`10.1.${pair(number)} `);
  const [began, before] = [performance.now(), processorTime(pid)];
  await etcd.put({ ...nodeWith(name, number), ...seeded([{ node: name, cidr, holders: [] }]) });
  await until(isThere);
  const millis = performance.now() - began;
  await sleep(500);
  return { millis, cpu: processorTime(pid) - before, stdout: '' };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; !(await isSo()); ) {
    if (performance.now() > end) throw new Error('waited for a minute');
    await sleep(5);
  }
}
