import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { programPath } from './exec.ts';
import { folderOf } from './file-name.ts';
import type { Log } from './log.ts';

/** How long a process stands in line before it goes on without its turn. */
const PATIENCE_S = 5;

/** Says that the lock is held, then holds it until its input ends: with this process, however that ends. */
const HOLD = 'echo; exec cat';

/**
 * Waits for this node's turn at the allocator: Calico's own lock file, so that the original's plugin stands in the same line.
 * It is a courtesy that spares lost races; what keeps addresses apart is the transaction. Resolves to how to let go; goes on
 * without the lock where there is none to be had.
 */
export async function takeTurn(path: string, log: Log): Promise<() => void> {
  try {
    mkdirSync(folderOf(path), { recursive: true, mode: 0o755 });
    // Whatever the umask: flock would make it writable for all that this lets.
    closeSync(openSync(path, 'a', 0o644));
    const args = ['--wait', String(PATIENCE_S), path, programPath('sh'), '-c', HOLD];
    const child = spawn(programPath('flock'), args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const turn = await new Promise<boolean>((resolve) => {
      child.on('error', () => resolve(false));
      child.on('exit', () => resolve(false));
      child.stdout.once('data', () => resolve(true));
    });
    log.debug(turn ? 'Has its turn on this host' : 'Goes on without its turn', { lock: path });
    child.unref();
    return () => child.stdin.end();
  } catch (error) {
    log.debug('No turns on this host', { lock: path, reason: error instanceof Error ? error.message : String(error) });
    return () => {};
  }
}
