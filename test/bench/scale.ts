import { say } from '../../build/say.ts';
import type { Dump, Etcd } from '../support/etcd/etcd.ts';
import { clusterInformation, node } from '../support/stored/cluster.ts';
import { type Ours, ours } from './contestants.ts';
import type { Line } from './figures.ts';
import { BIG_POOL, fill, OTHER_BIG_POOL } from './full-store.ts';
import { startFreshEtcd } from './here.ts';
import { type Contestant, race, roundsOf } from './race.ts';
import { netnsOf, type Stage } from './stage.ts';

/** A cluster of 5,000 nodes with two full blocks each, and one of a single node and block. */
const BLOCKS = 10_000;
const FEW = 1_000;
const PLUGINS = ['calico', 'calico-ipam'] as const;
const QUOTA = { 'quota-backend-bytes': String(4 * 1024 ** 3) };

const freshNode = (plugin: string, round: number) => `fresh-${plugin}-${round}`;

/** A warm ADD and a node's first ADD with a full etcd, compared with a warm ADD with an empty one. */
export async function measureScale(stage: Stage): Promise<readonly Line[]> {
  const blocks = stage.quick ? FEW : BLOCKS;
  const small = await startFreshEtcd(stage.host, 22379, QUOTA);
  const full = await startFreshEtcd(stage.host, 32379, QUOTA);
  try {
    const names = PLUGINS.flatMap((plugin) =>
      Array.from({ length: roundsOf(stage.rounds) }, (_, round) => freshNode(plugin, round)),
    );
    const nodes = names.map((name) => node(name, '10.0.0.1/24'));
    const cluster: Dump = { ...clusterInformation(), ...node('node1', '10.0.0.1/24') };
    await small.put({ ...cluster, ...OTHER_BIG_POOL });
    await full.put(Object.assign({}, cluster, BIG_POOL, ...nodes));
    const started = performance.now();
    const bytes = await fill(full, blocks);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`  ${blocks} full blocks of ${(bytes / 1000).toFixed(1)} KB, loaded in ${seconds} s`);
    return await race({
      ...stage,
      contestants: await contestants(stage, { small, full, blocks }),
      commands: ['ADD', 'DEL'],
    });
  } finally {
    await Promise.all([small.stop(), full.stop()]);
  }
}

interface Stores {
  readonly small: Etcd;
  readonly full: Etcd;
  readonly blocks: number;
}

async function contestants(stage: Stage, { small, full, blocks }: Stores): Promise<readonly Contestant[]> {
  const many = `${blocks.toLocaleString('en')} full blocks`;
  const inside = {
    one: await netnsOf(stage, 'one'),
    warm: await netnsOf(stage, 'warm'),
    first: await netnsOf(stage, 'first'),
  };
  return PLUGINS.flatMap((plugin) => {
    const one = ours({ plugin, name: `${plugin}, 1 block`, etcd: small, netns: inside.one });
    const there = { plugin, etcd: full, against: one.name };
    const changes: Ours['changes'] = ({ round }) => ({ nodename: freshNode(plugin, round) });
    const warm = ours({ ...there, name: `${plugin}, ${many}`, netns: inside.warm });
    return [one, warm, ours({ ...there, name: `${warm.name}, node’s first`, netns: inside.first, changes })];
  });
}
