import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { hideInstalled } from './installed.ts';
import { CACHE } from './places.ts';
import { asRoot } from './privilege.ts';

const MARK = 'CALICO_SANDBOX';
const SCRATCH = join(CACHE, 'scratch');
/** Directories of the host to which plugins, `ip netns` and kubelet write. */
const FOLDERS = [
  '/run/netns',
  '/run/calico',
  '/var/lib/calico',
  '/var/log/calico',
  '/var/lib/cni',
  '/etc/cni',
  '/var/log/containers',
];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const ownNetwork = () => readlinkSync('/proc/self/ns/net');

/** Whether this process was started by `runInSandbox`, in namespaces other than its parent's. */
export function isInSandbox(): boolean {
  const outer = process.env[MARK];
  return outer !== undefined && outer !== ownNetwork();
}

/** The prefix of a command that makes namespaces. Throws if that is not permitted. */
export async function needRoot(): Promise<readonly string[]> {
  const root = await asRoot();
  if (root === undefined) throw new Error('This requires root, or sudo without a password, to create namespaces');
  return root;
}

/**
 * Runs a command as root in its own network and mount namespaces. Returns its exit status.
 * None of its changes to interfaces, routes and mounts reaches the host, and it has no internet access.
 */
export async function runInSandbox(command: readonly string[], env: Record<string, string>): Promise<number> {
  const root = await needRoot();
  mkdirSync(SCRATCH, { recursive: true });
  // sudo keeps little of the environment, so the variables that matter are passed explicitly.
  const kept = {
    INIT_CWD: process.env['INIT_CWD'] ?? process.cwd(),
    TERM: process.env['TERM'] ?? 'dumb',
    EVERY_REQUEST: process.env['EVERY_REQUEST'] ?? '',
  };
  const variables = { ...env, ...kept, [MARK]: ownNetwork(), PATH: process.env['PATH'] ?? '' };
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return run([
    ...root,
    'env',
    ...words,
    'setpriv',
    '--pdeathsig',
    'TERM',
    'unshare',
    '--net',
    '--mount',
    '--propagation',
    'private',
    ...command,
  ]);
}

/** Runs a command on this terminal and forwards signals. Returns its exit status, or 128 + n after signal n. */
export function run(command: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const handOn = SIGNALS.map((signal) => [signal, () => void child.kill(signal)] as const);
  for (const [signal, listener] of handOn) process.on(signal, listener);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const [name, listener] of handOn) process.off(name, listener);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * First step inside: loopback up, directories that plugins write to empty and private, installed plugins hidden,
 * temporary files in memory.
 */
export function furnishSandbox(): void {
  if (!isInSandbox()) throw new Error('Not in its own namespaces');
  mount('-t', 'tmpfs', 'tmpfs', SCRATCH);
  const there = FOLDERS.filter((folder) => existsSync(folder));
  const missing = FOLDERS.filter((folder) => !there.includes(folder));
  for (const folder of missing) layOver(folder);
  for (const folder of missing) mkdirSync(folder, { recursive: true });
  for (const folder of there) mount('-t', 'tmpfs', 'tmpfs', folder);
  hideInstalled();
  execaSync('ip', ['link', 'set', 'lo', 'up']);
  process.env['TMPDIR'] = join(SCRATCH, 'tmp');
  mkdirSync(process.env['TMPDIR']);
}

function mount(...args: readonly string[]): void {
  execaSync('mount', args);
}

/**
 * A directory that the host lacks is made in an overlay in memory over its nearest parent, so that it never exists on
 * the host.
 */
function layOver(folder: string): void {
  let parent = dirname(folder);
  while (!existsSync(parent)) parent = dirname(parent);
  const layer = join(SCRATCH, `layer${parent.replaceAll('/', '-')}`);
  if (existsSync(layer)) return;
  const [host, upper, work] = ['host', 'upper', 'work'].map((part) => join(layer, part));
  for (const part of [host, upper, work]) mkdirSync(part ?? '', { recursive: true });
  const below = mountsBelow(parent);
  mount('--rbind', parent, `${host}`);
  mount('-t', 'overlay', 'overlay', '-o', `lowerdir=${parent},upperdir=${upper},workdir=${work}`, parent);
  // The overlay hides what was mounted below, such as a container's /etc/hosts.
  for (const path of below) mount('--rbind', `${host}${path.slice(parent.length)}`, path);
}

/** Mount points below a directory, without those below another one of them. */
function mountsBelow(folder: string): readonly string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  const below = [...new Set(points)].filter((path) => path.startsWith(`${folder}/`));
  return below.filter((path) => !below.some((other) => path.startsWith(`${other}/`)));
}
