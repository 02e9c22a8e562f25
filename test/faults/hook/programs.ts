import * as programs from 'node:child_process';
import { basename } from 'node:path';
import { next, pass } from './boundary.ts';

/** node:child_process for the fault build: every start and every end of a program is a boundary. */
export * from 'node:child_process';

type Words = readonly string[];
type Options = { readonly env?: NodeJS.ProcessEnv };

/** Runs the program, then reports that it failed. */
const FAILED_AFTER_ALL = '"$@"; exit 1';

export const spawnSync = ((program: string, args: Words, options: Options) =>
  around(program, args, options, (path, words) =>
    programs.spawnSync(path, words, options),
  )) as typeof programs.spawnSync;

/** The boundary after it is the program's start, since no code waits for its end. */
export const spawn = ((program: string, args: Words, options: Options) =>
  around(program, args, options, (path, words) => programs.spawn(path, words, options))) as typeof programs.spawn;

function around<T>(program: string, args: Words, options: Options, start: (path: string, args: Words) => T): T {
  const place = { kind: 'program', number: next('program'), name: nameOf(program, args, options) } as const;
  const before = pass({ ...place, phase: 'before' });
  if (before === 'fails') return start('/bin/false', []);
  const failsAfter = wants(`program ${place.number} after=fails`);
  const started = failsAfter
    ? start('/bin/sh', ['-c', FAILED_AFTER_ALL, 'sh', program, ...args])
    : start(program, args);
  pass({ ...place, phase: 'after' });
  return started;
}

interface Runtime {
  spawn(command: readonly [string, ...string[]], options: Options): unknown;
}

/** The same for programs started without node:. */
const { Bun: runtime } = globalThis as unknown as { readonly Bun: Runtime };
const start = runtime.spawn.bind(runtime);
runtime.spawn = ([program, ...args], options) =>
  around(program, args, options, (path, words) => start([path, ...words], options));

const wants = (fault: string) => (process.env['CALICO_FAULT'] ?? '').split(';').includes(fault);

/** The program and its main arguments, up to the first that names a device or is a script. */
function nameOf(program: string, args: Words, { env }: Options): string {
  const verb = env?.['CNI_COMMAND'];
  if (verb !== undefined) return `${basename(program)} ${verb}`;
  const end = args.findIndex((word) => word === 'dev' || word === '-c' || word === '-');
  const words = args.slice(0, end < 0 ? args.length : end).filter((word) => !word.startsWith('--net='));
  return [program, ...words].map((word) => basename(word)).join(' ');
}
