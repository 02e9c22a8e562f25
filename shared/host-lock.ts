import { folderOf } from './file-name.ts';
import { closeFile, makeFolder, Open, openFile } from './files.ts';
import { libc } from './libc.ts';
import type { Log } from './log.ts';
import { sleep } from './pause.ts';

/** How long a process stands in line before it goes on without its turn. */
const PATIENCE_MS = 5_000;
/**
 * How long it waits between two looks: an eighth of what it has waited, as where one waits long, many do, and somebody always
 * looks soon. A hundred that look every 16 ms take a tenth of the processor from the one whose turn it is.
 */
const SHORTEST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 64;

const LOCK_EX_NB = 2 | 4;

/**
 * Waits for this node's turn at the allocator: Calico's own lock file, so that the original's plugin stands in the same line.
 * It is a courtesy that spares lost races; what keeps addresses apart is the transaction. Resolves to how to let go; goes on
 * without the lock where there is none to be had. The kernel lets go of it when this process ends, however it ends.
 */
export async function takeTurn(path: string, log: Log): Promise<() => void> {
  try {
    makeFolder(folderOf(path), 0o755);
    const fd = openFile(path, Open.append, 0o644);
    const turn = await lock(fd);
    log.debug(turn ? 'Has its turn on this host' : 'Goes on without its turn', { lock: path });
    return () => closeFile(fd);
  } catch (error) {
    log.debug('No turns on this host', { lock: path, reason: error instanceof Error ? error.message : String(error) });
    return () => {};
  }
}

/** By looking again and again, as waiting in the kernel would have neither an end nor time for anything else. */
async function lock(fd: number): Promise<boolean> {
  const c = libc();
  const began = performance.now();
  while (c.flock(fd, LOCK_EX_NB) !== 0) {
    const waited = performance.now() - began;
    if (waited > PATIENCE_MS) return false;
    const wait = Math.min(Math.max(waited / 8, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
    await sleep(wait * (0.5 + Math.random()));
  }
  return true;
}
