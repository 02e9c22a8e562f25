import { platform } from '#platform';
import { utf8 } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { closeFile, makeFolder, openFile, readText, writeWhole } from '../../shared/system/files.ts';
import { startOf } from '../../shared/system/processes.ts';

/** Locked by the process of this machine for as long as it lives; holds its pid and when it started. */
const FILE = '/var/run/calico/node-run.pid';
const LOCK_EX_NB = 2 | 4;
/** open(2)'s flags on x86-64: read and write, create. */
const READ_WRITE = 0o2 | 0o100;

/** The process of this machine. */
export interface Instance {
  readonly pid: number;
  /** See `startOf`. */
  readonly start: string;
}

/** Makes this process the machine's only one, for as long as it lives. Throws a Failure when there is one already. */
export function becomeInstance(): void {
  const fd = opened();
  if (!platform.flock(fd, LOCK_EX_NB)) {
    closeFile(fd);
    const pid = recorded()?.pid;
    throw failure(
      `calicoctl node run already runs on this machine${pid === undefined ? '' : ` (pid ${pid})`}`,
      'calicoctl node stop ends it',
    );
  }
  // Opened again, to write from the beginning. The lock is on the first descriptor, which stays open.
  const writing = openFile(FILE, 0o1 | 0o1000);
  try {
    writeWhole(writing, utf8(`${platform.pid} ${startOf('self')}\n`));
  } finally {
    closeFile(writing);
  }
}

function opened(): number {
  try {
    makeFolder(folderOf(FILE), 0o755);
    return openFile(FILE, READ_WRITE, 0o644);
  } catch (thrown) {
    throw failure(`cannot write ${FILE}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

/** The process that runs; undefined when none does. */
export function runningInstance(): Instance | undefined {
  return isLocked() ? recorded() : undefined;
}

function isLocked(): boolean {
  let fd: number;
  try {
    fd = openFile(FILE, 0);
  } catch {
    return false;
  }
  try {
    return !platform.flock(fd, LOCK_EX_NB);
  } finally {
    closeFile(fd);
  }
}

function recorded(): Instance | undefined {
  const [pid = '', start = ''] = readText(FILE).trim().split(' ');
  return /^\d+$/.test(pid) && start !== '' ? { pid: Number(pid), start } : undefined;
}
