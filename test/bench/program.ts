import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tools } from '../../build/tools.ts';
import { type Call, environment } from '../support/calls/call.ts';

/** The cost and the output of one successful call of a plugin. */
export interface Sample {
  /** From its start to the moment its end is known. */
  readonly millis: number;
  readonly stdout: string;
}

/** A call that ran alone. */
export interface LoneSample extends Sample {
  /** User and system time of the program and of all children it waited for, in milliseconds. */
  readonly cpu: number;
}

const MEASURE = join(import.meta.dirname, 'measure.mjs');

/**
 * Runs a plugin alone. Throws unless it succeeds, because a failure's time is worthless. The native host starts it: Node.js does
 * not report what a program used, and takes several milliseconds to start one.
 */
export function runAlone(call: Call, before: readonly string[] = []): LoneSample {
  const [program, ...args] = [...before, programOf(call)];
  const order = JSON.stringify({ program, args, env: environment(call), input: inputOf(call) });
  const measured = spawnSync(tools().host, ['run', MEASURE], { input: order, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (measured.status !== 0) throw new Error(`${tools().host} run ${MEASURE}: ${measured.stderr}`);
  const { exit, millis, cpu, stdout, stderr } = JSON.parse(measured.stdout);
  return { ...sample(call, exit, millis, [stdout, stderr]), cpu };
}

/** Runs a plugin beside others. `since` is the time of the request on performance.now()'s clock, by default now. */
export async function runBeside(call: Call, since = performance.now()): Promise<Sample> {
  const child = spawn(programOf(call), [], { env: environment(call) });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(inputOf(call));
  const exit = await ended;
  const millis = performance.now() - since;
  return sample(call, exit, millis, await said);
}

const TICKS_PER_SECOND = 100;

/** User and system time of all programs that have ended so far, and of the children they waited for, in milliseconds. */
export function cpuOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_SECOND;
}

const programOf = ({ plugin = 'calico' }: Call) => (plugin.startsWith('/') ? plugin : `${tools().bin}/${plugin}`);

const inputOf = ({ conf }: Call) => (typeof conf === 'string' ? conf : JSON.stringify(conf));

function sample(call: Call, exit: number | string, millis: number, said: readonly string[]): Sample {
  if (exit !== 0) throw new Error(`${call.plugin ?? 'calico'} ${call.command}: exit ${exit}\n${said.join('\n')}`);
  return { millis, stdout: said[0] ?? '' };
}
