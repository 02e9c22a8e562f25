import { openRouted, type Routed, untilAllReach } from '../support/machines/routed.ts';
import { type Line, percentile } from './figures.ts';
import type { Stage } from './stage.ts';

/** A node may claim no more blocks in one pool. */
const MOST = 16;
const FEW = 2;
/** Milliseconds between echoes: the error of a figure. */
const EVERY = 5;

const WAYS = [
  { name: 'BIRD 2, full mesh', vxlanMode: 'Never', options: [] },
  { name: 'VXLAN', vxlanMode: 'Always', options: ['--backend', 'vxlan'] },
] as const;

/** From the start of an ADD that claims a new block until pods of two other machines reach the pod. */
export async function measureConvergence(stage: Stage): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const { name, vxlanMode, options } of WAYS) {
    const routed = await openRouted({
      bird: 2,
      options,
      in: { node1: 1, node2: 1, node3: 1 },
      // A block has one address, so that each pod takes a new one.
      prepare: (machines) => machines.machine('node1').said('apply -f -', pools(vxlanMode)),
    });
    try {
      await untilAllReach(routed.pods);
      const rounds = stage.quick ? FEW : Math.min(stage.rounds, MOST);
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await untilReached(routed));
      const figures = { p50: percentile(times, 0.5), p95: percentile(times, 0.95), worst: Math.max(...times) };
      lines.push({ name: `from ADD with a new block to an echo from two other machines, etcd, ${name}`, figures });
    } finally {
      await routed.close();
    }
  }
  return lines;
}

const pools = (vxlanMode: string): string =>
  JSON.stringify([
    pool('default-ipv4-ippool', { cidr: '192.168.0.0/16', blockSize: 28, vxlanMode }),
    pool('default-ipv6-ippool', { cidr: 'fd80:24e2:f998:72d6::/64', vxlanMode }),
    pool('single', { cidr: '10.70.0.0/24', blockSize: 32, vxlanMode }),
  ]);

const pool = (name: string, spec: object) => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { natOutgoing: true, ...spec },
});

async function untilReached({ machines, pods }: Routed): Promise<number> {
  const started = performance.now();
  const pod = await machines.machine('node3').pod({ ipam: { type: 'calico-ipam', ipv4_pools: ['single'] } });
  const pings = pods.slice(0, 2).map((from) => from.ping(pod.address, { every: EVERY }));
  await Promise.all(pings.map(({ answered }) => answered));
  const took = performance.now() - started;
  await Promise.all(pings.map((ping) => ping.stop()));
  return took;
}
