import { sha1 } from '../../shared/calico/sha1.ts';
import { openLock } from '../../shared/call/host-lock.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { Failure } from '../../shared/error/failure.ts';
import { closeFile } from '../../shared/system/files.ts';
import { anyLibc } from '../../shared/system/libc.ts';
import { sleep } from '../../shared/system/pause.ts';
import { type RangeLocks, rangeLocks } from '../../shared/system/range-lock.ts';

/** How long a call waits for another one of the same container. */
const PATIENCE_MS = 30_000;
/** How long between two looks: an eighth of what has been waited. */
const WAIT_MS = { shortest: 2, longest: 64 } as const;

/** The turn of a call that changes a container: ADD and DEL of one container go one after the other on a host. */
export interface ContainerTurn {
  /** False where the host has no lock for it: then an ADD asks the datastore at its end whether a DEL was beside it. */
  readonly isOwn: boolean;
  /** Whether a DEL waits for it: what the container is being given is not wanted any more. */
  isOvertaken(): boolean;
}

/** Locks for a host whose own lock file cannot be opened, as on a read-only disk; the first that can be is taken. */
const ELSEWHERE = ['/run/calico-cni.lock', '/var/lib/calico/cni.lock'];

/** Where no lock can be had. */
const UNGUARDED: ContainerTurn = { isOwn: false, isOvertaken: () => false };

/**
 * Does the work of an ADD or DEL in the container's turn. The kernel ends the turn of a process that is killed. Throws error
 * 11 when another call goes on and on.
 */
export async function inContainerTurn<T>(
  { conf, cmd }: Call,
  verb: 'ADD' | 'DEL',
  work: (turn: ContainerTurn) => Promise<T>,
): Promise<T> {
  const opened = open(conf.ipamLockFile);
  if (opened === undefined) return work(UNGUARDED);
  try {
    return await work(await take(opened.locks, cmd.containerID, verb));
  } finally {
    closeFile(opened.fd);
  }
}

/** The host's lock file, or one that stands in for it. */
function open(path: string): { readonly fd: number; readonly locks: RangeLocks } | undefined {
  const c = anyLibc();
  if (c === undefined) return undefined;
  for (const each of [path, ...ELSEWHERE]) {
    try {
      const fd = openLock(each);
      return { fd, locks: rangeLocks(c, fd) };
    } catch {
      // The line of ADDs tells why it cannot be opened.
    }
  }
  return undefined;
}

async function take(locks: RangeLocks, containerID: string, verb: 'ADD' | 'DEL'): Promise<ContainerTurn> {
  // Two places for each container, which no other of this host has: the turn, and a DEL that wants it.
  const turn = BigInt(`0x${sha1(containerID).slice(0, 12)}`) * 2n;
  const wanted = turn + 1n;
  const began = performance.now();
  for (;;) {
    if (verb === 'DEL') locks.tryLock(wanted);
    const taken = locks.tryLock(turn);
    if (taken === undefined) return UNGUARDED;
    if (taken && (verb === 'DEL' || !locks.isHeldElsewhere(wanted))) {
      return { isOwn: true, isOvertaken: () => locks.isHeldElsewhere(wanted) };
    }
    if (taken) locks.unlock(turn);
    await wait(began, containerID);
  }
}

async function wait(began: number, containerID: string): Promise<void> {
  const waited = performance.now() - began;
  if (waited > PATIENCE_MS) {
    throw new Failure('try again later', `another call for container ${containerID} is under way`, {
      where: `it has been for ${PATIENCE_MS / 1000} s: is a process of this plugin stopped? ps -C calico`,
    });
  }
  await sleep(Math.min(Math.max(waited / 8, WAIT_MS.shortest), WAIT_MS.longest));
}
