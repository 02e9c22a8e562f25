import { platform } from '#platform';
import { failure } from '../../shared/error/failure.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { closeFile, LOCK_EX_NB, makeFolder, Open, openFile, readText, rewriteText } from '../../shared/system/files.ts';
import { startOf } from '../../shared/system/processes.ts';

/** Locked by the process of this machine for as long as it lives; holds its pid and when it started. */
const FILE = '/var/run/calico/node-run.pid';

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
  // The lock is on the first descriptor, which stays open.
  rewriteText(FILE, `${platform.pid} ${startOf('self')}\n`);
}

function opened(): number {
  try {
    makeFolder(folderOf(FILE), 0o755);
    return openFile(FILE, Open.append, 0o644);
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
    fd = openFile(FILE, Open.read);
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
