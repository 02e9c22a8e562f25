import { platform } from '#platform';
import { fromUtf8, utf8 } from '../bytes/text.ts';
import { failure } from '../error/failure.ts';
import type { Started } from '../platform/programs.ts';
import { statusOf } from './files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How a program ended by itself. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The program's whole environment; ours if not given. */
  readonly env?: Environment;
  readonly input?: string;
  /** Milliseconds after which the program is killed. */
  readonly timeout?: number;
  /** It reads our standard input, and writes to our standard error, so that it can talk to a user. */
  readonly terminal?: boolean;
}

/** How a program ended, or why it did not: an errno (`ETXTBSY`, `ETIMEDOUT`) or the signal that killed it. */
export interface Ended extends Omit<Ran, 'status'> {
  readonly status: number | undefined;
  readonly errno: string | undefined;
  readonly signal: string | undefined;
}

const USUAL_PLACES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
const PACKAGES: Readonly<Record<string, string>> = {
  bird: 'bird2',
  bird6: 'bird',
  ip: 'iproute2',
  tc: 'iproute2',
  nsenter: 'util-linux',
};
const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 64 << 20;

function isExecutable(path: string): boolean {
  const status = statusOf(path);
  return status?.isFile === true && (status.mode & 0o111) !== 0;
}

/**
 * Absolute path of a program: on PATH, or in the usual directories, because some callers of CNI plugins set no PATH.
 * Throws a Failure naming the program and its Debian package.
 */
export function programPath(program: string, env: Environment = platform.env): string {
  const onPath = (env['PATH'] ?? '').split(':').filter((directory) => directory.startsWith('/'));
  const directories = [...new Set([...onPath, ...USUAL_PLACES])];
  const found = directories.map((directory) => `${directory}/${program}`).find(isExecutable);
  if (found !== undefined) return found;
  const cure = PACKAGES[program] === undefined ? '' : `; it comes with the package ${PACKAGES[program]}`;
  throw failure(`program ${program} not found`, `looked in ${directories.join(', ')}${cure}`);
}

/** Like programPath; undefined if there is none. */
export function findProgram(program: string, env?: Environment): string | undefined {
  try {
    return programPath(program, env);
  } catch {
    return undefined;
  }
}

/** Runs the executable at `path` until it ends, however it ends. */
export function runFile(path: string, args: readonly string[], options: RunOptions): Ended {
  const { status, signal, errno, stdout, stderr } = platform.run(path, args, {
    maxOutput: MAX_OUTPUT,
    timeout: options.timeout ?? TIMEOUT_MS,
    ...(options.env !== undefined && { env: given(options.env) }),
    ...(options.input !== undefined && { input: utf8(options.input) }),
    ...(options.terminal === true && { terminal: true }),
  });
  return { status, signal, errno, stdout: fromUtf8(stdout), stderr: fromUtf8(stderr) };
}

/** Without the variables that have no value. */
const given = (env: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/**
 * Runs a program, found by name or absolute path, and returns its exit status and output; the caller decides what a status
 * other than 0 means. Throws a Failure, with the command and its stderr, when it cannot run or is killed.
 */
export function run(program: string, args: readonly string[], options: RunOptions): Ran {
  const path = program.startsWith('/') ? program : programPath(program, options.env);
  const ended = runFile(path, args, options);
  if (ended.status !== undefined) return { status: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  const details = [[path, ...args].join(' '), ended.stderr.trim()].filter((part) => part !== '').join(': ');
  throw failure(`${program} ${howItEnded(ended, options.timeout ?? TIMEOUT_MS)}`, details);
}

function howItEnded({ errno, signal }: Ended, timeout: number): string {
  if (errno === 'ETIMEDOUT') return `did not end within ${timeout} ms`;
  if (errno === 'ENOBUFS') return `printed more than ${MAX_OUTPUT} bytes`;
  return errno === undefined ? `was killed by ${signal}` : `could not be started: ${errno}`;
}

/** Starts a program that may outlive this process, without input or output, in the namespaces of this thread. Throws a Failure. */
export const startDetached = (program: string, args: readonly string[]): Started =>
  platform.start(programPath(program), args);
