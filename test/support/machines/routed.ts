import { setTimeout as sleep } from 'node:timers/promises';
import type { Conf } from '../stored/cluster.ts';
import type { Machine, Pod } from './machine.ts';
import { type Layout, type Machines, openMachines } from './machines.ts';
import { type BirdRelease, type NodeRun, type RunChanges, startNode } from './node-run.ts';
import type { Ping, PingCount } from './ping.ts';

/** Machines with a `calicoctl node run` and a pod each. */
export interface Routed {
  readonly machines: Machines;
  /** One pod on each machine, in their order. */
  readonly pods: Pod[];
  run(name: string): NodeRun;
  /** Starts `node run` on a machine, instead of one that has ended. */
  start(machine: Machine, changes?: RunChanges): Promise<NodeRun>;
  close(): Promise<void>;
}

const DUAL_STACK = `--cidr=192.168.0.0/16 --block-size=28 --ipv6-cidr=fd80:24e2:f998:72d6::/64`;
const BOTH_FAMILIES: Conf = { ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } };

export interface RoutedLayout extends Layout {
  readonly bird: BirdRelease;
  readonly options?: readonly string[];
  /** What is stored before the first `node run`. */
  readonly prepare?: (machines: Machines) => Promise<unknown>;
}

/** Opens them with pods of both families, and waits until each process is ready. */
export async function openRouted({ bird, options = [], prepare, ...layout }: RoutedLayout): Promise<Routed> {
  const machines = await openMachines({ init: DUAL_STACK, ...layout });
  try {
    await prepare?.(machines);
    const runs = new Map<string, NodeRun>();
    const start = async (machine: Machine, changes: RunChanges = {}) => {
      const run = await startNode(machine, { bird, options, ...changes });
      runs.set(machine.name, run);
      await run.ready();
      return run;
    };
    await Promise.all(machines.all.map((machine) => start(machine)));
    const pods = await Promise.all(machines.all.map((machine) => machine.pod(BOTH_FAMILIES)));
    const run = (name: string): NodeRun => {
      const found = runs.get(name);
      if (found === undefined) throw new Error(`nothing runs on ${name}`);
      return found;
    };
    return { machines, pods, run, start, close: machines.close };
  } catch (error) {
    await machines.close();
    throw error;
  }
}

interface Way {
  readonly from: Pod;
  readonly to: string;
  readonly name: string;
}

const isSix = (address: string): boolean => address.includes(':');

/** Between addresses of one family. */
const waysBetween = (pods: readonly Pod[]): readonly Way[] =>
  pods.flatMap((from) =>
    pods
      .filter((pod) => pod !== from)
      .flatMap(({ machine, addresses }) =>
        addresses
          .filter((to) => from.addresses.some((own) => isSix(own) === isSix(to)))
          .map((to) => ({ from, to, name: `${from.machine.name} → ${machine.name} ${to}` })),
      ),
  );

/** Waits until each pod reaches each other, in every family. Throws after so many milliseconds, and names the ways that do not work. */
export async function untilAllReach(pods: readonly Pod[], within = 30_000): Promise<void> {
  const until = performance.now() + within;
  for (;;) {
    const lost = await lostBetween(pods, { count: 1 });
    if (Object.keys(lost).length === 0) return;
    if (performance.now() > until) throw new Error(`no way after ${within} ms: ${Object.keys(lost).join(', ')}`);
    await sleep(100);
  }
}

/** How many echoes are lost on each way between pods; {} when none. */
export async function lostBetween(
  pods: readonly Pod[],
  options: Parameters<Pod['count']>[1] = {},
): Promise<Readonly<Record<string, PingCount>>> {
  const counted = waysBetween(pods).map(async ({ from, to, name }) => [name, await from.count(to, options)] as const);
  return Object.fromEntries((await Promise.all(counted)).filter(([, { lost }]) => lost > 0));
}

/** Echoes on every way between pods while something happens. Resolves to the ways that lost some; {} when none. */
export async function lostDuring(
  pods: readonly Pod[],
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, PingCount>>> {
  const pings = waysBetween(pods).map(({ from, to, name }): readonly [string, Ping] => [name, from.ping(to)]);
  await Promise.all(pings.map(([, { answered }]) => answered));
  await work();
  const counted = await Promise.all(pings.map(async ([name, ping]) => [name, await ping.stop()] as const));
  return Object.fromEntries(counted.filter(([, { lost }]) => lost > 0));
}
