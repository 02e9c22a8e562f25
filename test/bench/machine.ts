import { cpus, loadavg, release, totalmem } from 'node:os';
import { execaSync } from 'execa';
import { ROOT } from '../../build/places.ts';

/** Where the figures were measured, and on what. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Gigabytes (10^9). */
  readonly memory: number;
  readonly kernel: string;
  /** Mean number of running processes in the minute before. */
  readonly load: number;
  /** Of the checkout. Empty if there is no commit. */
  readonly commit: string;
}

export function thisMachine(): Machine {
  const [cpu, ...others] = cpus();
  const git = ['-c', `safe.directory=${ROOT}`, '-C', ROOT, 'describe', '--always', '--dirty'];
  const { stdout, exitCode } = execaSync('git', git, { reject: false });
  return {
    cpu: cpu?.model.trim() ?? 'unknown CPU',
    cores: others.length + 1,
    memory: Math.round(totalmem() / 1e9),
    kernel: release(),
    load: loadavg()[0] ?? 0,
    commit: exitCode === 0 ? stdout : '',
  };
}

/** Whether other programs ran, so that the figures are unreliable. */
export const wasBusy = ({ load, cores }: Machine) => load > cores / 2;

export function nameMachine({ cpu, cores, memory, kernel, load, commit }: Machine): string {
  const what = `${cpu}, ${cores} cores, ${memory} GB, Linux ${kernel}, load before ${load.toFixed(2)}`;
  return commit === '' ? what : `${what}, commit ${commit}`;
}
