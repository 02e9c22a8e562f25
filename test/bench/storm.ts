import type { Dump } from '../support/etcd/etcd.ts';
import { clusterInformation, node } from '../support/stored/cluster.ts';
import { ours } from './contestants.ts';
import type { Line } from './figures.ts';
import { counted, fewAtOnce, floodFigures, mustBeDistinct } from './floods.ts';
import { BIG_POOL } from './full-store.ts';
import { startFreshEtcd } from './here.ts';
import { newPod } from './race.ts';
import type { Stage } from './stage.ts';

const LANES = 16;
const ADDS = 1000;
const NODES = 50;
const FEW = { adds: 100, nodes: 10 };

const nodeName = (index: number) => `storm-${index}`;

/** ADDs by calico-ipam from nodes that are new to the pool, in random order, then the DELs: address management only. */
export async function measureStorm(stage: Stage): Promise<readonly Line[]> {
  const { adds, nodes } = stage.quick ? FEW : { adds: ADDS, nodes: NODES };
  const etcd = await startFreshEtcd(stage.host);
  try {
    const names = Array.from({ length: nodes }, (_, index) => node(nodeName(index), '10.0.0.1/24'));
    const cluster: Dump = Object.assign({}, clusterInformation(), BIG_POOL, ...names);
    await etcd.put(cluster);
    const changes = ({ round }: { round: number }) => ({ nodename: nodeName(scattered(round) % nodes) });
    const plugin = ours({ name: 'calico-ipam', plugin: 'calico-ipam', etcd, netns: '/var/run/netns/none', changes });
    const pods = Array.from({ length: adds }, (_, index) => newPod(index));
    const storm = async (command: string): Promise<Line> => {
      const calls = pods.map((pod) => plugin.call(command, pod));
      const flood = await counted(etcd, () => fewAtOnce(calls, LANES));
      if (command === 'ADD') mustBeDistinct(flood);
      const name = `${adds.toLocaleString('en')} ${command} by ${nodes} nodes, ${LANES} at a time, calico-ipam`;
      return { name, figures: floodFigures([flood]) };
    };
    return [await storm('ADD'), await storm('DEL')];
  } finally {
    await etcd.stop();
  }
}

/** A scrambled number, the same in every run, with MurmurHash3's mixing. */
function scattered(index: number): number {
  const once = Math.imul(index ^ (index >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}
