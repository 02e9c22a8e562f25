import { spawn, spawnSync } from 'node:child_process';
import type { ProgramEnd, Programs, Started } from '../programs.ts';

export const programs: Programs = {
  kill: (pid, signal) => void process.kill(pid, signal),
  run(path, args, { env, input, timeout, maxOutput, terminal = false }): ProgramEnd {
    const { status, signal, error, stdout, stderr } = spawnSync(path, args, {
      stdio: terminal ? ['inherit', 'pipe', 'inherit'] : [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      maxBuffer: maxOutput,
      timeout,
      killSignal: 'SIGKILL',
      ...(env !== undefined && { env: { ...env } }),
      ...(input !== undefined && { input }),
    });
    const errno = errnoOf(error);
    return {
      status: status ?? undefined,
      signal: errno === undefined ? (signal ?? undefined) : undefined,
      errno,
      stdout: stdout ?? new Uint8Array(),
      stderr: stderr ?? new Uint8Array(),
    };
  },
  start(path, args): Started {
    const child = spawn(path, args, { stdio: 'ignore', detached: true });
    child.on('error', () => undefined);
    child.unref();
    return {
      pid: child.pid ?? 0,
      status() {
        if (child.exitCode === null && child.signalCode === null) return undefined;
        return { exitCode: child.exitCode ?? undefined, signal: child.signalCode ?? undefined };
      },
      kill: (signal) => void child.kill(signal),
    };
  },
  sendApart() {
    throw Object.assign(new Error('ENOSYS: function not implemented, fork'), { code: 'ENOSYS', errno: 38 });
  },
};

function errnoOf(error: Error | undefined): string | undefined {
  if (error === undefined) return undefined;
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  // An error when a program ends without having read all its input.
  return errno === 'EPIPE' ? undefined : errno;
}
