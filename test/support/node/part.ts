import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { tools } from '../../../build/tools.ts';
import { nativeProgram } from './native-program.ts';
import type { PartAnswer, PartOrder, PartStart } from './part-orders.ts';

/** A part of `calicoctl node run` that runs by itself on the native host. */
export interface RunningPart {
  /** Has it do something. A failure is thrown with its text. */
  does(order: PartOrder): Promise<PartAnswer>;
  /** What kept the part from doing its work after the last order. */
  problem(): string | undefined;
  /** Ends the process, as kill -9 does: nothing is removed. */
  kill(): void;
}

/** The program that runs parts, built once for a file of tests; `remove` it at the end. */
export async function buildPartProgram(): Promise<{ readonly file: string; remove(): void }> {
  const file = await nativeProgram(join(import.meta.dirname, 'part-program.ts'));
  return { file, remove: () => rmSync(dirname(file), { recursive: true, force: true }) };
}

/** Starts a part in the namespaces that `enter` leads into. */
export function startPart(file: string, enter: readonly string[], start: PartStart, env = process.env): RunningPart {
  const [program = '', ...args] = [...enter, tools().host, 'run', file];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const answers = answersOf(child);
  const send = (order: PartStart | PartOrder) => child.stdin?.write(`${JSON.stringify(order)}\n`);
  send(start);
  let problem: string | undefined;
  return {
    does: async (order) => {
      send(order);
      const answer = await answers();
      problem = answer.problem;
      if (answer.failed !== undefined) throw new Error(answer.failed);
      return answer;
    },
    problem: () => problem,
    kill: () => void child.kill('SIGKILL'),
  };
}

function answersOf(child: ChildProcess): () => Promise<PartAnswer> {
  if (child.stdout === null) throw new Error('no output of the part');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the part has ended');
    return JSON.parse(value);
  };
}
