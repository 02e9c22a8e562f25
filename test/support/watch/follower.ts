import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';
import { nativeProgram } from '../node/native-program.ts';
import type { Said } from './copy-program.ts';

/** A process on a machine that keeps a copy of the datastore's objects. */
export interface Follower {
  readonly pid: number;
  /** All that it has said. */
  readonly said: readonly Said[];
  last(): Said | undefined;
  /** Waits until the last that it has said is so. */
  until(isSo: (said: Said) => boolean): Promise<Said>;
  stop(): Promise<void>;
}

let program: Promise<string> | undefined;

/** Starts it; the environment says where the datastore is. It ends with the test process. */
export async function startFollower(host: Host, env: Readonly<Record<string, string>>): Promise<Follower> {
  program ??= nativeProgram(join(import.meta.dirname, 'copy-program.ts'));
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const run = ['setpriv', '--pdeathsig', 'KILL', 'env', ...settings, tools().host, 'run', await program];
  const [first = '', ...enter] = host.enter();
  const child = spawn(first, [...enter, ...run], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: Said[] = [];
  createInterface(child.stdout).on('line', (line) => said.push(JSON.parse(line)));
  return {
    pid: child.pid ?? 0,
    said,
    last: () => said.at(-1),
    until: async (isSo) => {
      for (let tries = 0; tries < 800; tries++) {
        const last = said.at(-1);
        if (last !== undefined && isSo(last)) return last;
        if (child.exitCode !== null) break;
        await sleep(50);
      }
      throw new Error(`waiting for ${isSo}: ${JSON.stringify(said.slice(-3))} ${child.exitCode}`);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
