import { platform } from '#platform';
import { namesInFolder, readText } from './files.ts';

/** A process as /proc shows it. */
export interface RunningProcess {
  readonly pid: number;
  /** Its program as it was started, and its arguments. Never empty. */
  readonly args: readonly string[];
}

/** Signals by their numbers. */
export const SIGNALS = { hangUp: 1, kill: 9, terminate: 15 } as const;

/** The processes of this machine's network that can be seen from here; kernel threads are none. */
export function networkProcesses(): readonly RunningProcess[] {
  const here = networkOf('self');
  return namesInFolder('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const args = argsOf(name);
      return args.length > 0 && networkOf(name) === here ? [{ pid: Number(name), args }] : [];
    });
}

/** Which network namespace a process is in; undefined when it has ended. */
function networkOf(process: string): bigint | undefined {
  try {
    return platform.status(`/proc/${process}/ns/net`)?.inode;
  } catch {
    return undefined;
  }
}

function argsOf(process: string): readonly string[] {
  try {
    return readText(`/proc/${process}/cmdline`).split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** The inode that the machine's first namespace of processes has on every Linux. */
const FIRST_PID_NAMESPACE = 0xeffffffcn;

/** Whether every process of the machine can be seen from here. */
export const seesAllProcesses = (): boolean => platform.status('/proc/self/ns/pid')?.inode === FIRST_PID_NAMESPACE;

/** When a process started, in clock ticks since the machine did; '' when there is none. With the pid it names one process. */
export function startOf(pid: number | 'self'): string {
  try {
    const stat = readText(`/proc/${pid}/stat`);
    // The program's name, in brackets, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Sends a signal; nothing happens when the process has ended. */
export const signalProcess = (pid: number, number: number): void => platform.kill(pid, number);
