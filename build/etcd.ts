import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Tools } from './tools.ts';

/** A private etcd. etcdctl shows its keys at `endpoint`. */
export interface Etcd {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts etcd in this network namespace with its data below `folder`. It ends with this process at the latest. */
export async function startEtcd({ etcd, etcdctl }: Tools, folder: string, port = 2379): Promise<Etcd> {
  const endpoint = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${port + 1}`;
  mkdirSync(folder, { recursive: true });
  const flags = {
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  };
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', etcd, ...words], { stdio: 'ignore' });
  const isUp = async () => (await execa(etcdctl, ['endpoint', 'health'], etcdctlOptions(endpoint))).exitCode === 0;
  const deadline = Date.now() + 30_000;
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`etcd ended with status ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error('etcd does not answer within 30 seconds');
    await sleep(100);
  }
  return {
    endpoint,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** etcdctl before 3.4 defaults to the old API. */
const etcdctlOptions = (endpoint: string) =>
  ({ env: { ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: endpoint }, reject: false }) as const;
