import { platform } from '#platform';
import { sha1 } from '../../shared/bytes/hash.ts';
import { openLock } from '../../shared/call/host-lock.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { Failure } from '../../shared/error/failure.ts';
import { elapsed } from '../../shared/system/clock.ts';
import { closeFile } from '../../shared/system/files.ts';
import { sleep } from '../../shared/system/pause.ts';

/** How long a call waits for another call of the same container. */
const PATIENCE_MS = 30_000;
/** Limits of the pause between two tries, which is an eighth of the time waited so far. */
const WAIT_MS = { shortest: 2, longest: 64 } as const;

/** The turn of a call that changes a container: on a host, ADD and DEL of one container run one after the other. */
export interface ContainerTurn {
  /** False when there is no lock file: then ADD checks in the datastore at its end whether a DEL ran at the same time. */
  readonly isOwn: boolean;
  /** Whether a DEL is waiting: the result of this ADD is no longer wanted. */
  isOvertaken(): boolean;
}

/** Tried in order when the configured lock file cannot be opened, e.g. on a read-only disk. */
const ELSEWHERE = ['/run/calico-cni.lock', '/var/lib/calico/cni.lock'];

/** When no lock file can be opened. */
const UNGUARDED: ContainerTurn = { isOwn: false, isOvertaken: () => false };

/**
 * Runs the work of an ADD or DEL in the container's turn. The kernel ends the turn of a killed process. Throws error 11 when
 * another call does not end in time.
 */
export async function inContainerTurn<T>(
  { conf, cmd }: Call,
  verb: 'ADD' | 'DEL',
  work: (turn: ContainerTurn) => Promise<T>,
): Promise<T> {
  const fd = open(conf.ipamLockFile);
  if (fd === undefined) return work(UNGUARDED);
  try {
    return await work(await take(fd, cmd.containerID, verb));
  } finally {
    closeFile(fd);
  }
}

/** Opens the configured lock file, or a substitute. */
function open(path: string): number | undefined {
  for (const each of [path, ...ELSEWHERE]) {
    try {
      return openLock(each);
    } catch {
      // The queue of ADDs reports why it cannot be opened.
    }
  }
  return undefined;
}

async function take(fd: number, containerID: string, verb: 'ADD' | 'DEL'): Promise<ContainerTurn> {
  // Two byte positions per container: one for the turn, one for a DEL that waits for it.
  const turn = BigInt(`0x${sha1(containerID).slice(0, 12)}`) * 2n;
  const wanted = turn + 1n;
  const began = elapsed();
  for (;;) {
    if (verb === 'DEL') platform.rangeLock(fd, 'set', wanted);
    const taken = platform.rangeLock(fd, 'set', turn);
    if (taken === undefined) return UNGUARDED;
    if (taken && (verb === 'DEL' || !platform.isRangeLocked(fd, wanted))) {
      return { isOwn: true, isOvertaken: () => platform.isRangeLocked(fd, wanted) };
    }
    if (taken) platform.rangeLock(fd, 'clear', turn);
    await wait(began, containerID);
  }
}

async function wait(began: number, containerID: string): Promise<void> {
  const waited = elapsed() - began;
  if (waited > PATIENCE_MS) {
    throw new Failure('try again later', `another call for container ${containerID} is under way`, {
      where: `it has been running for at least ${PATIENCE_MS / 1000} s: check for a stopped plugin process with ps -C calico`,
    });
  }
  await sleep(Math.min(Math.max(waited / 8, WAIT_MS.shortest), WAIT_MS.longest));
}
