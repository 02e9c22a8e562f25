import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, CniResult } from '../support/calls/call.ts';
import type { Etcd } from '../support/etcd/etcd.ts';
import { type Figures, type Line, median, summary } from './figures.ts';
import { peakMemory } from './peak-memory.ts';
import { type LoneSample, runAlone } from './program.ts';

/** One container in one round. */
export interface Pod {
  readonly containerID: string;
  readonly round: number;
  /** The result of ADD, once there is one. */
  prevResult?: CniResult;
}

/** A plugin with its configuration, compared with others. */
export interface Contestant {
  readonly name: string;
  readonly call: (command: string, pod: Pod) => Call;
  /** Runs before each call, untimed. */
  readonly before?: () => void;
  /** The process whose calls are counted. */
  readonly etcd?: Etcd;
  /** Counts the calls of another server instead. */
  readonly calls?: Etcd['calls'];
  /** The commands it does not support. */
  readonly lacks?: readonly string[];
  /** Name of the contestant that its times are compared with. */
  readonly against?: string;
}

export interface Race {
  readonly contestants: readonly Contestant[];
  /** The commands for each container, e.g. ADD, CHECK, DEL. */
  readonly commands: readonly string[];
  readonly rounds: number;
  /** GNU time's path. Without it, peak memory is not measured. */
  readonly time: string | undefined;
}

/** Rounds that only warm up: caches, blocks, profiles. */
const WARM_UP = 3;
/** Separate rounds that count memory and etcd calls, since counting takes time. */
const COUNTED = 5;
/** Lets the kernel finish what a call left to do, such as removing a veth pair, before the next one is timed. */
const PAUSE = 40;

/** The number of different `Pod.round` values, from 0, of a race with this many timed rounds. */
export const roundsOf = (rounds: number) => WARM_UP + rounds + COUNTED;

/**
 * Times every command of every contestant once per round. Contestants take turns after each command, and the first one
 * changes every round.
 */
export async function race(wanted: Race): Promise<readonly Line[]> {
  const timed = new Map<string, LoneSample[]>();
  const counted = new Map<string, Figures[]>();
  for (let round = 0; round < roundsOf(wanted.rounds); round++) {
    await eachCall(wanted, round, async (name, contestant, call) => {
      if (round >= WARM_UP + wanted.rounds) {
        const { figures, stdout } = await count(wanted.time, contestant, call);
        push(counted, name, figures);
        return stdout;
      }
      const sample = runAlone(call);
      if (round >= WARM_UP) push(timed, name, sample);
      return sample.stdout;
    });
  }
  return linesOf(wanted, (name) => ({ ...summary(timed.get(name) ?? []), ...medians(counted.get(name) ?? []) }));
}

function push<T>(into: Map<string, T[]>, name: string, value: T): void {
  into.set(name, [...(into.get(name) ?? []), value]);
}

/** Returns what the call printed. */
type Visit = (name: string, contestant: Contestant, call: Call) => Promise<string>;

async function eachCall({ contestants, commands }: Race, round: number, visit: Visit): Promise<void> {
  const first = round % contestants.length;
  const turns = [...contestants.slice(first), ...contestants.slice(0, first)];
  const pods = new Map(contestants.map((contestant) => [contestant, newPod(round)]));
  for (const command of commands) {
    for (const contestant of turns) {
      const pod = pods.get(contestant);
      if (pod === undefined || contestant.lacks?.includes(command)) continue;
      contestant.before?.();
      const stdout = await visit(lineName(contestant, command), contestant, contestant.call(command, pod));
      if (command === 'ADD') pod.prevResult = JSON.parse(stdout);
      await sleep(PAUSE);
    }
  }
}

let pods = 0;

/** A new container. Interfaces are named after the first eleven characters of its ID. */
export function newPod(round: number): Pod {
  return { containerID: `c${String(pods++).padStart(8, '0')}${'0123456789abcdef'.repeat(3)}`, round };
}

async function count(time: string | undefined, { etcd, calls = etcd?.calls }: Contestant, call: Call) {
  const before = await calls?.();
  const { stdout, bytes } = time === undefined ? { ...runAlone(call), bytes: undefined } : peakMemory(time, call);
  const after = await calls?.();
  const figures: Figures = {
    ...(before === undefined || after === undefined ? {} : { calls: sum(after) - sum(before) }),
    ...(bytes === undefined ? {} : { memory: bytes / 1e6 }),
  };
  return { figures, stdout };
}

const sum = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((total, one) => total + one, 0);

function medians(counted: readonly Figures[]): Figures {
  const values = (figure: 'memory' | 'calls') => counted.flatMap((figures) => figures[figure] ?? []);
  const measured = (['memory', 'calls'] as const).filter((figure) => values(figure).length > 0);
  return Object.fromEntries(measured.map((figure) => [figure, median(values(figure))]));
}

const lineName = (contestant: Contestant, command: string) => `${command} ${contestant.name}`;

/** By command, then by contestant. */
function linesOf({ contestants, commands }: Race, figures: (name: string) => Figures): readonly Line[] {
  return commands.flatMap((command) => {
    const taking = contestants.filter(({ lacks }) => !lacks?.includes(command));
    return taking.map((contestant) => {
      const name = lineName(contestant, command);
      const peer = taking.find((other) => other.name === contestant.against);
      return { name, figures: figures(name), ...(peer === undefined ? {} : { against: lineName(peer, command) }) };
    });
  });
}
