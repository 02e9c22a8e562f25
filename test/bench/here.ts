import { rmSync } from 'node:fs';
import { execaSync } from 'execa';
import { type Etcd, startEtcd } from '../support/etcd/etcd.ts';
import type { Host } from '../support/host/host.ts';

const FOLDERS = ['/run/netns', '/run/calico', '/run/calico-test'];

/** A directory in memory for the bench's own files. */
export const scratch = '/run/calico-test';

/**
 * This process's own namespaces as a machine, so that nothing measured has to enter a namespace first. Empties /run,
 * in memory. Programs run on it only prepare, while program.ts starts what is measured.
 */
export function openHere(): Host {
  execaSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  execaSync('mkdir', ['-p', ...FOLDERS]);
  const run: Host['run'] = (program, args, options = {}) => {
    const started = performance.now();
    const { exitCode, stdout, stderr } = execaSync(program, args, { reject: false, input: options.input ?? '' });
    return Promise.resolve({ exit: exitCode, stdout, stderr, millis: performance.now() - started });
  };
  const must = (program: string, args: readonly string[]) => Promise.resolve(execaSync(program, args).stdout);
  return { pid: process.pid, run, must, file: (path) => path, enter: () => ['env'], stop: async () => {} };
}

/** A private, empty etcd on this machine. The last flags win, so these override the usual ones. */
export function startFreshEtcd(host: Host, port = 2379, flags: Readonly<Record<string, string>> = {}): Promise<Etcd> {
  rmSync(`${scratch}/etcd-${port}`, { recursive: true, force: true });
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const enter = () => ['sh', '-c', `exec "$@" ${words.join(' ')}`, 'sh'];
  return startEtcd({ ...host, enter }, port);
}
