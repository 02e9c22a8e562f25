import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** The kinds of operation on the outside world. Each has a boundary before and one after it. */
export type Kind = 'request' | 'kernel' | 'program' | 'file';
export type Phase = 'before' | 'after';
/** What an API server may answer instead of doing what it is asked. */
export const STATUSES = ['409', '429', '500'] as const;
export type Status = (typeof STATUSES)[number];
/**
 * kill: SIGKILL; lost: the datastore's answer never arrives; down: the datastore is gone from here on; a status: the API
 * server's answer without its work; fails: the kernel refuses, the program exits 1, the disk is full; beside: another
 * complete call runs here.
 */
export type Fault = 'kill' | 'lost' | 'down' | Status | 'fails' | 'beside';

/** A point in a call where a fault can be injected. `number` counts boundaries of its kind from 1. */
export interface Boundary {
  readonly kind: Kind;
  readonly number: number;
  readonly phase: Phase;
  /** What is done there, as readable text. */
  readonly name: string;
}

/** The notation of a boundary in CALICO_FAULT, e.g. `request 3 after=lost`. Several are separated by semicolons. */
export const placeOf = ({ kind, number, phase }: Omit<Boundary, 'name'>): string => `${kind} ${number} ${phase}`;

const faults = new Map((process.env['CALICO_FAULT'] ?? '').split(';').map((one) => one.split('=') as [string, Fault]));
/** The file that records every boundary passed, one line of JSON each. */
const trace = process.env['CALICO_FAULT_TRACE'];

const passed: Record<Kind, number> = { request: 0, kernel: 0, program: 0, file: 0 };
const onDown: (() => void)[] = [];
let down = false;

/** The number of the next operation of a kind. */
export const next = (kind: Kind): number => ++passed[kind];

/** Whether the datastore is gone. */
export const isDown = (): boolean => down;

/** Calls `cut` when the datastore goes away. */
export const whenDown = (cut: () => void): void => void onDown.push(cut);

/** Passes a boundary: exits here if that is the requested fault, else returns the fault to simulate. */
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

/** The call in CALICO_FAULT_BESIDE, a shell command. If it fails, this call ends here too. */
function runBeside(): void {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', process.env['CALICO_FAULT_BESIDE'] ?? 'exit 1'], { env: {} });
  if (status === 0) return;
  process.stderr.write(`the concurrent call failed: ${stdout}`);
  process.exit(99);
}
