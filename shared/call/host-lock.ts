import { failure } from '../error/failure.ts';
import { toFailure } from '../error/to-failure.ts';
import type { Log } from '../log/log.ts';
import { errnoName } from '../system/errno.ts';
import { folderOf } from '../system/file-name.ts';
import { closeFile, makeFolder, Open, openFile, type Status, statusOf } from '../system/files.ts';
import { libc } from '../system/libc.ts';
import { fs } from '../system/node-modules.ts';
import { sleep } from '../system/pause.ts';

/** How long a process stands in line before it goes on without its turn. */
const PATIENCE_MS = 5_000;
/**
 * How long it waits between two looks: an eighth of what it has waited, as where one waits long, many do, and somebody always
 * looks soon. A hundred that look every 16 ms take a tenth of the processor from the one whose turn it is.
 */
const SHORTEST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 64;

const LOCK_EX_NB = 2 | 4;

/** Nobody but us may hold it, as whoever does keeps each ADD of this host waiting. */
const MODE = 0o600;

/**
 * Waits for this node's turn at the allocator: Calico's own lock file, so that the original's plugin stands in the same line.
 * It is a courtesy that spares lost races; what keeps addresses apart is the transaction. Resolves to how to let go; goes on
 * without the lock, and says so, where there is none to be had or another user could hold it. The kernel lets go of it when
 * this process ends, however it ends.
 */
export async function takeTurn(path: string, log: Log): Promise<() => void> {
  let fd: number | undefined;
  try {
    fd = openLock(path);
    const turn = await lock(fd);
    log.debug(turn ? 'Has its turn on this host' : 'Goes on without its turn', { lock: path });
    const held = fd;
    return () => closeFile(held);
  } catch (error) {
    if (fd !== undefined) closeFile(fd);
    const { message, details = '' } = toFailure(error);
    log.warn('No turns on this host', { lock: path, reason: message, ...(details && { details }) });
    return () => {};
  }
}

/** Opens the lock file, or makes it, to write to. What could be another user's doing is refused with nothing changed. */
export function openLock(path: string): number {
  const folder = folderOf(path);
  makeFolder(folder, 0o755);
  requireOwnFolder(folder);
  const fd = openOwn(path);
  try {
    requireOwnFile(path, statusOf(fd));
    // Earlier versions made it readable for everybody.
    if (((statusOf(fd)?.mode ?? 0) & ~MODE) !== 0) fs().fchmodSync(fd, MODE);
    return fd;
  } catch (error) {
    closeFile(fd);
    throw error;
  }
}

/** Neither follows a link nor waits for the other end of a FIFO. */
function openOwn(path: string): number {
  try {
    return openFile(path, Open.append | Open.neverWait | Open.noLink, MODE);
  } catch (error) {
    if (!NOT_A_FILE.includes(errnoName(error) ?? '')) throw error;
    throw failure(`${path} is not a regular file`, REMOVE, error);
  }
}

/** What a symbolic link, a FIFO or socket, and a folder are refused with. */
const NOT_A_FILE = ['ELOOP', 'ENXIO', 'EISDIR'];
const REMOVE = 'remove it, and the next ADD makes a new one';

function requireOwnFolder(folder: string): void {
  const { mode, owner } = statusOf(folder) ?? { mode: 0, owner: self() };
  if ((mode & 0o022) === 0 && [0, self()].includes(owner)) return;
  throw failure(`other users can write to the folder ${folder}`, `chown root:root ${folder}; chmod go-w ${folder}`);
}

function requireOwnFile(path: string, status: Status | undefined): void {
  if (status?.isFile !== true) throw failure(`${path} is not a regular file`, REMOVE);
  if (status.names !== 1) throw failure(`${path} is another name of some other file`, REMOVE);
  if (status.owner !== self()) throw failure(`${path} belongs to user ${status.owner}`, REMOVE);
}

/** Who this process acts as. */
const self = (): number => process.geteuid?.() ?? 0;

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
