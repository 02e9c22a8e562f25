import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** What a call does to the world, each time at a point before it and one after it. */
export type Kind = 'etcd' | 'kernel' | 'program' | 'file';
export type Phase = 'before' | 'after';
/** kill: SIGKILL; lost: etcd's answer never arrives; down: from here on no etcd; fails: the kernel refuses, the program exits 1, the disk is full; beside: another call runs here from its beginning to its end. */
export type Fault = 'kill' | 'lost' | 'down' | 'fails' | 'beside';

/** A point of a call where a fault can be put; `number` counts what is of its kind, from 1. */
export interface Boundary {
  readonly kind: Kind;
  readonly number: number;
  readonly phase: Phase;
  /** What is done there, for people. */
  readonly name: string;
}

/** How a boundary is named in CALICO_FAULT, e.g. `etcd 3 after=lost`; several are separated by semicolons. */
export const placeOf = ({ kind, number, phase }: Omit<Boundary, 'name'>): string => `${kind} ${number} ${phase}`;

const faults = new Map((process.env['CALICO_FAULT'] ?? '').split(';').map((one) => one.split('=') as [string, Fault]));
/** The file that is told of every boundary as it is passed, a line of JSON each. */
const trace = process.env['CALICO_FAULT_TRACE'];

const passed: Record<Kind, number> = { etcd: 0, kernel: 0, program: 0, file: 0 };
const onDown: (() => void)[] = [];
let down = false;

/** The number of the next thing of a kind. */
export const next = (kind: Kind): number => ++passed[kind];

/** Whether etcd has gone. */
export const isDown = (): boolean => down;

/** Has `cut` called when etcd goes. */
export const whenDown = (cut: () => void): void => void onDown.push(cut);

/** Passes a boundary: dies here if that is the fault asked for, else answers the fault to be played. */
export function pass(boundary: Boundary): Fault | undefined {
  if (trace !== undefined) appendFileSync(trace, `${JSON.stringify(boundary)}\n`);
  const fault = faults.get(placeOf(boundary));
  if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
  if (fault === 'down') {
    down = true;
    for (const cut of onDown) setImmediate(cut);
  }
  if (fault === 'beside') runBeside();
  return fault;
}

/** The call that CALICO_FAULT_BESIDE holds, for a shell; this one ends here when that one fails. */
function runBeside(): void {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', process.env['CALICO_FAULT_BESIDE'] ?? 'exit 1'], { env: {} });
  if (status === 0) return;
  process.stderr.write(`the call beside this one failed: ${stdout}`);
  process.exit(99);
}
