import { setTimeout as sleep } from 'node:timers/promises';
import type { DatastoreName } from '../faults/clusters/cluster.ts';
import { inDatastore, look } from '../faults/remains.ts';
import { type Chance, chance } from '../support/inputs/chance.ts';
import { bringUpForeignPod } from '../support/kubernetes/foreign-pod.ts';
import { addNetns } from '../support/network/netns.ts';
import { audit } from './audit.ts';
import { add, del, type Field } from './calls.ts';
import { drive, type Traffic } from './drive.ts';
import { driveVm, endVm } from './drive-vms.ts';
import { openEtcdNodes } from './etcd-nodes.ts';
import { plainly } from './how.ts';
import { allSlots, openModel, type Slot } from './model.ts';
import { type Nodes, nameOf } from './nodes.ts';
import { openVms } from './vm.ts';

export interface Plan {
  readonly datastore: DatastoreName;
  /** How long at least. */
  readonly seconds: number;
  /** What must have been counted before the end, besides a restart: a slow machine takes longer, but not for ever. */
  readonly wanted?: readonly string[];
  readonly seed: number;
  readonly nodes: number;
  /** Containers that come and go on each node. */
  readonly containers: number;
  /** Virtual machines, where the datastore keeps addresses for them. */
  readonly vms: number;
  /** Concurrent calls, besides those of machines. */
  readonly workers: number;
  /** Seconds between restarts of the datastore, and between audits. */
  readonly restartEvery: number;
  readonly auditEvery: number;
  /** Path of the fault build. */
  readonly faulty: string;
  readonly say: (line: string) => void;
}

const OPEN: Readonly<Record<DatastoreName, (count: number) => Promise<Nodes>>> = {
  etcd: openEtcdNodes,
  // Only where it is used: an API server is not built for tests of etcd.
  kubernetes: async (count) => (await import('./kubernetes-nodes.ts')).openKubernetesNodes(count),
};

/** Nodes that share a datastore of this kind. */
export const openNodes = (datastore: DatastoreName, count: number): Promise<Nodes> => OPEN[datastore](count);

/** The result of a soak. */
export interface Report {
  readonly counts: ReadonlyMap<string, number>;
  readonly restarts: number;
  readonly audits: number;
  /** Keys in the datastore: with an empty cluster, at each audit, and after everything is released. */
  readonly keys: { readonly before: number; readonly during: readonly number[]; readonly after: number };
  readonly problems: readonly string[];
}

/** How much longer it may take until all that is wanted was seen. */
const MOST_LONGER_MS = 240_000;
/** What may stay after everything is released: the pool's 16 blocks and their affinities, and the network's profile. */
const STAYING = 2 * 16 + 1;

/** Random calls on all nodes with kills and restarts of the datastore and audits in between, then everything is released. */
export async function soak(plan: Plan): Promise<Report> {
  const nodes = await openNodes(plan.datastore, plan.nodes);
  try {
    for (const [at, host] of nodes.hosts.entries()) {
      const given = { nodename: nameOf(at), ...nodes.ways[0].conf };
      await bringUpForeignPod(host, given, nodes.conf, `foreign-${nameOf(at)}`);
    }
    const field = {
      nodes,
      faulty: plan.faulty,
      model: openModel(await slotsOn(nodes, plan.containers), await openVms(nodes, plan.vms)),
    };
    return await run(plan, field);
  } finally {
    await nodes.close();
  }
}

/** Half of the pool, whose other containers take these addresses as well: more than there are containers. */
const GROUP = { args: { cni: { ipGroup: ['192.168.0.128/25'] } } };

async function slotsOn({ hosts, name }: Nodes, containers: number): Promise<readonly Slot[]> {
  const slots: Slot[] = [];
  for (const [at, host] of hosts.entries()) {
    for (let number = 0; number < containers; number++) {
      const netns = `pod${number}`;
      await addNetns(host, netns);
      const containerID = `c${String(at).padStart(3, '0')}${String(number).padStart(3, '0')}${'0123456789abcdef'.repeat(2)}`;
      slots.push({
        node: at,
        containerID,
        netns,
        name: await name(at, containerID),
        wish: number % 3 === 0 ? GROUP : {},
        state: 'none',
        result: undefined,
        remembered: undefined,
        busy: false,
      });
    }
  }
  return slots;
}

async function run(plan: Plan, field: Field): Promise<Report> {
  const { nodes, model } = field;
  const random = chance(plan.seed);
  const bare = {
    keys: new Set(Object.keys(await nodes.dump())),
    lines: await Promise.all(nodes.hosts.map(look)),
  };
  const traffic: Traffic = { halted: false, over: false, restarts: 0, collecting: new Set() };
  const workers = Array.from({ length: plan.workers }, (_, at) => drive(field, traffic, chance(plan.seed + 1 + at)));
  const machines = model.vms.map((vm, at) => driveVm(field, traffic, vm, chance(plan.seed + 1000 + at)));
  const disturbing = disturb(plan, field, traffic, random);
  const auditing = audits(plan, field, traffic).finally(() => {
    traffic.over = true;
  });
  const [during] = await Promise.all([auditing, disturbing, ...workers, ...machines]);
  for (const vm of model.vms) await endVm(field, traffic, vm, plainly(nodes));
  await freeAll(field);
  const dump = await nodes.dump();
  const keys = { before: bare.keys.size, during, after: Object.keys(dump).length };
  const growth = keys.after > keys.before + STAYING ? [`${keys.after} keys, ${keys.before} at first`] : [];
  const left = [...inDatastore(nodes, dump, bare), ...growth, ...(await leftOnHosts(nodes, bare.lines))];
  const problems = [...model.problems, ...left.map((line) => `LEAK at the end: ${line}`)];
  return { counts: model.counts, restarts: traffic.restarts, audits: during.length, keys, problems };
}

/** Interfaces, routes, rules and journal entries that were added or removed since the start. */
async function leftOnHosts({ hosts }: Nodes, before: readonly (readonly string[])[]): Promise<readonly string[]> {
  const now = await Promise.all(hosts.map(look));
  return now.flatMap((lines, at) => {
    const first = before[at] ?? [];
    const gone = first.filter((line) => !lines.includes(line)).map((line) => `missing: ${line}`);
    const left = lines.filter((line) => !first.includes(line));
    return [...left, ...gone].map((line) => `${nameOf(at)}: ${line}`);
  });
}

/** Restarts the datastore now and then during the traffic. */
async function disturb(plan: Plan, { nodes }: Field, traffic: Traffic, random: Chance): Promise<void> {
  for (;;) {
    for (let waited = 0; waited < plan.restartEvery * 1000; waited += 100) {
      if (traffic.over) return;
      await sleep(100);
    }
    if (traffic.halted) continue;
    await nodes.restart(() => sleep(random() * 1500));
    traffic.restarts++;
  }
}

const hasSeen = ({ wanted }: Plan, { model }: Field, { restarts }: Traffic): boolean =>
  wanted === undefined || (restarts > 0 && wanted.every((what) => model.counts.has(what)));

/** Pauses the traffic now and then to audit the datastore. Returns the numbers of keys. */
async function audits(plan: Plan, field: Field, traffic: Traffic): Promise<readonly number[]> {
  const keys: number[] = [];
  const end = performance.now() + plan.seconds * 1000;
  const left = () => end - performance.now();
  const isWaiting = () => left() > -MOST_LONGER_MS && !hasSeen(plan, field, traffic);
  while ((left() > 0 || isWaiting()) && field.model.problems.length === 0) {
    const pause = plan.auditEvery * 1000;
    await sleep(left() > 0 ? Math.min(pause, left()) : pause);
    traffic.halted = true;
    const isQuiet = () => traffic.collecting.size === 0 && allSlots(field.model).every(({ busy }) => !busy);
    while (!isQuiet() || field.nodes.epoch() % 2 === 1) await sleep(10);
    keys.push(await audit(field));
    plan.say(`audit ${keys.length}: ${keys.at(-1)} keys, ${field.model.held.size} addresses in use`);
    traffic.halted = false;
  }
  return keys;
}

/** Deletes every container, and drains each node's journal with one more call. */
async function freeAll(field: Field): Promise<void> {
  const how = plainly(field.nodes);
  for (const slot of field.model.slots) await del(field, slot, how);
  const firstOfEach = new Map([...field.model.slots].reverse().map((slot) => [slot.node, slot]));
  for (const slot of firstOfEach.values()) {
    await add(field, slot, how);
    await del(field, slot, how);
  }
}
