import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { tools } from '../../build/tools.ts';
import type { Line } from './figures.ts';
import { scratch } from './here.ts';

/** Runs calicoctl once, and throws unless it succeeds. The server is in this process, so the program must not block it. */
export async function costOf(time: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Line['figures']> {
  const file = `${scratch}/cost`;
  const ask = [time, '-f', '%M %U %S %e', '-o', file, `${tools().bin}/calicoctl`, ...words];
  const [program = '', ...args] = ask;
  await execa(program, args, { env, extendEnv: false, stdout: 'ignore' });
  const [kilobytes = 0, user = 0, system = 0, seconds = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  return { p50: seconds * 1000, cpu: (user + system) * 1000, memory: (kilobytes * 1024) / 1e6 };
}
