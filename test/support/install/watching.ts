import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Host, Ran } from '../host/host.ts';

/** A running `calico-install --watch`. */
export interface Watching {
  /** Everything that it has printed, on either stream. */
  said(): string;
  /** Waits until it has printed this, as often as given. */
  says(text: string, times?: number): Promise<void>;
  /** Makes it look at once, instead of within seconds. */
  hangUp(): void;
  /** Sends SIGTERM; returns the exit status. */
  stop(): Promise<number | null>;
}

/** Starts `words` on a machine. The caller stops it. */
export function startWatching(host: Host, words: readonly string[], env: Readonly<Record<string, string>>): Watching {
  const [program = '', ...enter] = host.enter();
  const child = spawn(program, [...enter, ...words], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  return {
    said: () => text,
    says: async (wanted, times = 1) => {
      await until(
        () => text.split(wanted).length > times,
        () => `waiting for ${times} × ${wanted} in\n${text}`,
      );
    },
    hangUp: () => void child.kill('SIGHUP'),
    stop: () => stopped(child),
  };
}

async function stopped(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  return child.exitCode;
}

/** Waits for a state that is certain to come. */
export async function until(isThere: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isThere()) return;
    await sleep(50);
  }
  throw new Error(what());
}

/** Waits until a probe answers so. */
export async function untilProbe(ask: () => Promise<Ran>, exit: number, text = ''): Promise<void> {
  let last: Ran | undefined;
  await until(
    async () => {
      last = await ask();
      return last.exit === exit && `${last.stdout}${last.stderr}`.includes(text);
    },
    () => `a probe answers ${JSON.stringify(last)}`,
  );
  expect(last?.exit).toBe(exit);
}
