import { platform } from '#platform';
import { failure } from '../error/failure.ts';
import { toFailure } from '../error/failure-context.ts';
import type { Log } from '../log/log.ts';
import { elapsed } from '../system/clock.ts';
import { errnoName } from '../system/errno.ts';
import { folderOf } from '../system/file-name.ts';
import { closeFile, LOCK_EX_NB, makeFolder, Open, openFile, type Status, statusOf } from '../system/files.ts';
import { endOfTurn } from '../system/pause.ts';

/** How long a process usually queues before it continues without its turn. */
const PATIENCE_MS = 5_000;
/**
 * How long it waits in the kernel at a time, where a hundred that wait take nothing from the one whose turn it is. In between
 * it reads what has arrived meanwhile: little time at first, when a connection is just being made.
 */
const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 128;

/** No other user may lock the file: the holder of the lock keeps each ADD on this host waiting. */
const MODE = 0o600;

/** This call's turn. */
export interface Turn {
  /** Whether another call had its turn first. */
  readonly hasWaited: boolean;
  end(): void;
}

/**
 * Waits for this host's turn at the allocator. Uses Calico's own lock file, so the original's plugin waits in the same queue.
 * The queue only avoids lost races; what keeps addresses apart is the transaction.
 * When there is no usable lock, or another user could hold it, logs that and continues without. The kernel releases the
 * lock when this process ends, however it ends.
 */
export async function takeTurn(path: string, log: Log, patience = PATIENCE_MS): Promise<Turn> {
  let fd: number | undefined;
  try {
    fd = openLock(path);
    const isFree = platform.flock(fd, LOCK_EX_NB);
    const turn = isFree || (await lock(fd, patience));
    log.debug(turn ? 'Got the IPAM lock' : 'Continuing without the IPAM lock', { lock: path });
    const held = fd;
    return { hasWaited: !isFree, end: () => closeFile(held) };
  } catch (error) {
    if (fd !== undefined) closeFile(fd);
    const { message, details = '' } = toFailure(error);
    log.warn('Cannot use the IPAM lock, continuing without', {
      lock: path,
      reason: message,
      ...(details && { details }),
    });
    return { hasWaited: false, end: () => {} };
  }
}

/** Whether it is another process's turn. */
export function isTurnTaken(path: string): boolean {
  try {
    const fd = openLock(path);
    try {
      return !platform.flock(fd, LOCK_EX_NB);
    } finally {
      closeFile(fd);
    }
  } catch {
    return false;
  }
}

/** Opens the lock file for writing, or creates it. Refuses, and changes nothing, if another user may have made it. */
export function openLock(path: string): number {
  const folder = folderOf(path);
  requireOwnFolder(folder, statusOf(folder) ?? made(folder));
  const fd = openOwn(path);
  try {
    const status = statusOf(fd);
    requireOwnFile(path, status);
    // Earlier versions made it readable for everybody.
    if (((status?.mode ?? 0) & ~MODE) !== 0) platform.chmod(fd, MODE);
    return fd;
  } catch (error) {
    closeFile(fd);
    throw error;
  }
}

/** Does not follow a symbolic link, and does not wait for the other end of a FIFO. */
function openOwn(path: string): number {
  try {
    return openFile(path, Open.append | Open.neverWait | Open.noLink, MODE);
  } catch (error) {
    if (!NOT_A_FILE.includes(errnoName(error) ?? '')) throw error;
    throw failure(`${path} is not a regular file`, REMOVE, error);
  }
}

/** The errors of opening a symbolic link, a FIFO or socket, and a folder. */
const NOT_A_FILE = ['ELOOP', 'ENXIO', 'EISDIR'];
const REMOVE = 'remove it; the next ADD creates a new one';

function made(folder: string): Status | undefined {
  makeFolder(folder, 0o755);
  return statusOf(folder);
}

function requireOwnFolder(folder: string, status: Status | undefined): void {
  const { mode, owner } = status ?? { mode: 0, owner: self() };
  if ((mode & 0o022) === 0 && [0, self()].includes(owner)) return;
  throw failure(`other users can write to the folder ${folder}`, `chown root:root ${folder}; chmod go-w ${folder}`);
}

function requireOwnFile(path: string, status: Status | undefined): void {
  if (status?.isFile !== true) throw failure(`${path} is not a regular file`, REMOVE);
  if (status.names !== 1) throw failure(`${path} is a hard link to another file`, REMOVE);
  if (status.owner !== self()) throw failure(`${path} belongs to user ${status.owner}`, REMOVE);
}

/** The effective user of this process. */
const self = (): number => platform.euid();

async function lock(fd: number, patience: number): Promise<boolean> {
  const end = elapsed() + patience;
  for (let wait = FIRST_WAIT_MS; !platform.flockWithin(fd, wait); wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    if (elapsed() >= end) return false;
    await endOfTurn();
  }
  return true;
}
