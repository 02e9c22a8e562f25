import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../../build/tools.ts';
import type { Ran } from '../host/host.ts';
import type { Machine } from './machine.ts';

/** BIRD’s releases, as Debian has them. */
export type BirdRelease = 1 | 2;

/** A `calicoctl node run` in the background of a machine. */
export interface NodeRun {
  /** All that it has printed. */
  output(): string;
  /** Its exit status, once it has ended; undefined after a signal. */
  readonly ended: Promise<number | undefined>;
  /** Waits until it says that it is ready. */
  ready(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends it as an init system does. Resolves to its exit status. */
  stop(): Promise<number | undefined>;
}

export interface RunChanges {
  /** Options of `node run`. */
  readonly options?: readonly string[];
  readonly bird?: BirdRelease;
  /** Another executable, for an upgrade. */
  readonly program?: string;
}

const READY_MS = 30_000;

/** Says its number on the machine first. */
const START = 'echo $$; exec "$@"';

/** Starts `calicoctl node run`. It ends with the machine at the latest. */
export async function startNode(
  machine: Machine,
  { options = [], bird = 2, program }: RunChanges = {},
): Promise<NodeRun> {
  const [enter = '', ...words] = machine.enter();
  const executable = program ?? `${tools().bin}/calicoctl`;
  const line = [...words, 'sh', '-c', START, 'sh', executable, 'node', 'run', ...options];
  const child = spawn(enter, line, { env: withBird(machine, bird), stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stdout.on('data', (part) => void said.push(String(part)));
  child.stderr.on('data', (part) => void said.push(String(part)));
  const ended = once(child, 'exit').then(([status]) => status ?? undefined);
  await once(child.stdout, 'data');
  const output = () => said.join('').replace(/^\d+\n/, '');
  const pid = () => /^\d+/.exec(said.join(''))?.[0] ?? '';
  // Debian has no program of this name unless procps is installed.
  const signal = (name: string) => machine.host.must('sh', ['-c', `kill -${name} ${pid()}`]);
  return {
    output,
    ended,
    ready: async () => {
      for (const until = performance.now() + READY_MS; performance.now() < until; ) {
        if ((await askReady(machine)).exit === 0) return;
        if (child.exitCode !== null) break;
        await sleep(100);
      }
      throw new Error(`${machine.name} does not become ready: ${(await askReady(machine)).stderr}\n${output()}`);
    },
    kill: async () => {
      await signal('KILL');
      await ended;
    },
    stop: async () => {
      await signal('TERM');
      return ended;
    },
  };
}

const askReady = (machine: Machine): Promise<Ran> => machine.calicoctl('node run --ready');

/** The machine’s environment, with the directory of one release first in PATH. */
function withBird({ env }: Machine, bird: BirdRelease): Readonly<Record<string, string>> {
  const folder = tools().birds?.[bird] ?? '';
  return { ...env, PATH: `${folder}:${env['PATH']}` };
}

/** Starts it on every machine, and waits until all are ready. */
export async function startNodes(machines: readonly Machine[], changes: RunChanges = {}): Promise<readonly NodeRun[]> {
  const runs = await Promise.all(machines.map((machine) => startNode(machine, changes)));
  await Promise.all(runs.map((run) => run.ready()));
  return runs;
}
