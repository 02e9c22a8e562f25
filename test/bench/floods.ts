import type { Call, CniResult } from '../support/calls/call.ts';
import { addressesOf } from '../support/calls/call.ts';
import type { Etcd } from '../support/etcd/etcd.ts';
import type { Figures } from './figures.ts';
import { median, percentile } from './figures.ts';
import { countingLostRaces } from './lost-races.ts';
import { runBeside, type Sample } from './program.ts';

/** Many overlapping calls. */
export interface Flood {
  readonly samples: readonly Sample[];
  /** From the first call's start to the last one's end. */
  readonly millis: number;
  /** Transactions that etcd rejected meanwhile, if it took part. */
  readonly lostRaces?: number;
}

/** Runs a flood and counts the transactions that etcd, if it takes part, rejected meanwhile. */
export async function counted(etcd: Etcd | undefined, flood: () => Promise<Flood>): Promise<Flood> {
  if (etcd === undefined) return flood();
  const [done, lostRaces] = await countingLostRaces(etcd, flood);
  return { ...done, lostRaces };
}

/** Starts all calls at once. Each one's time counts from the common start. */
export async function allAtOnce(calls: readonly Call[]): Promise<Flood> {
  const since = performance.now();
  const samples = await Promise.all(calls.map((call) => runBeside(call, since)));
  return { samples, millis: performance.now() - since };
}

/** Keeps this many calls running until all are done. Each one's time counts from its own start. */
export async function fewAtOnce(calls: readonly Call[], lanes: number): Promise<Flood> {
  const since = performance.now();
  const waiting = calls.values();
  const lane = async () => {
    const samples: Sample[] = [];
    for (const call of waiting) samples.push(await runBeside(call));
    return samples;
  };
  const samples = (await Promise.all(Array.from({ length: lanes }, lane))).flat();
  return { samples, millis: performance.now() - since };
}

export function floodFigures(floods: readonly Flood[]): Figures {
  const samples = floods.flatMap((flood) => flood.samples);
  const losses = floods.flatMap((flood) => flood.lostRaces ?? []);
  const times = samples.map((sample) => sample.millis);
  return {
    p50: median(times),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    worst: Math.max(...times),
    cpu: median(samples.map((sample) => sample.cpu)),
    ...(losses.length === 0 ? {} : { lostRaces: median(losses) }),
    perSecond: median(floods.map((flood) => (flood.samples.length / flood.millis) * 1000)),
  };
}

/** Throws if two ADDs got the same address, which would make their times worthless. */
export function mustBeDistinct(added: Flood): void {
  const addresses = added.samples.flatMap(({ stdout }) => addressesOf(JSON.parse(stdout) as CniResult));
  const distinct = new Set(addresses).size;
  if (distinct !== added.samples.length) throw new Error(`${added.samples.length} ADDs got ${distinct} addresses`);
}
