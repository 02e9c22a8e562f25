import { platform as native } from '../../../shared/platform/native.ts';
import type { Programs } from '../../../shared/platform/programs.ts';
import { baseOf } from '../../../shared/system/file-name.ts';
import { next, pass } from './boundary.ts';

type Words = readonly string[];
type Environment = Readonly<Record<string, string>>;

/** Runs the program, then reports that it failed. */
const FAILED_AFTER_ALL = '"$@"; exit 1';

/** Every start and every end of a program is a boundary; the start alone where no code waits for the end. */
export const programs: Programs = {
  kill: native.kill,
  run: (program, args, options) =>
    around(program, args, options.env, (path, words) => native.run(path, words, options)),
  start: (program, args) => around(program, args, undefined, native.start),
  sendApart(fd, bytes) {
    const place = { kind: 'program', number: next('program'), name: 'a process that sends' } as const;
    if (pass({ ...place, phase: 'before' }) === 'fails')
      throw new Error('EAGAIN: resource temporarily unavailable, fork');
    const sender = native.sendApart(fd, bytes);
    pass({ ...place, phase: 'after' });
    return sender;
  },
};

function around<T>(
  program: string,
  args: Words,
  env: Environment | undefined,
  start: (path: string, args: Words) => T,
): T {
  const place = { kind: 'program', number: next('program'), name: nameOf(program, args, env) } as const;
  const before = pass({ ...place, phase: 'before' });
  if (before === 'fails') return start('/bin/false', []);
  const failsAfter = wants(`program ${place.number} after=fails`);
  const started = failsAfter
    ? start('/bin/sh', ['-c', FAILED_AFTER_ALL, 'sh', program, ...args])
    : start(program, args);
  pass({ ...place, phase: 'after' });
  return started;
}

const wants = (fault: string) => (native.env['CALICO_FAULT'] ?? '').split(';').includes(fault);

/** The program and its main arguments, up to the first that names a device or is a script. */
function nameOf(program: string, args: Words, env: Environment | undefined): string {
  const verb = env?.['CNI_COMMAND'];
  if (verb !== undefined) return `${baseOf(program)} ${verb}`;
  const end = args.findIndex((word) => word === 'dev' || word === '-c' || word === '-');
  const words = args.slice(0, end < 0 ? args.length : end).filter((word) => !word.startsWith('--net='));
  return [program, ...words].map((word) => baseOf(word)).join(' ');
}
