import { Failure, failure } from '../../shared/error/failure.ts';
import { errnoName, errnoText } from '../../shared/system/errno.ts';
import { closeFile, fileSystemOf, Open, openFile, statusOf } from '../../shared/system/files.ts';

const NSFS_MAGIC = 0x6e736673;
/** Kernels before 3.19, and bind mounts of /proc files, report procfs. */
const PROC_MAGIC = 0x9fa0;

/** An open network namespace: it stays the same one whatever happens to its path. */
export interface Netns {
  readonly path: string;
  /** Its file descriptor in this process. */
  readonly fd: number;
  close(): void;
}

/** Opens CNI_NETNS. A missing path or another kind of file is an error in the original's words. */
export function openNetns(path: string): Netns {
  try {
    const type = fileSystemOf(path);
    if (type !== NSFS_MAGIC && type !== PROC_MAGIC) {
      throw failure(`unknown FS magic on "${path}": ${type.toString(16)}`, 'CNI_NETNS must be a network namespace');
    }
    const fd = openFile(path, Open.read);
    return { path, fd, close: () => closeFile(fd) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const ofProcess = ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errnoName(error) ?? '');
    const what = `failed to Statfs "${path}": ${errnoText(error)}`;
    throw failure(what, ofProcess ? undefined : 'CNI_NETNS must be a network namespace', error);
  }
}

/** Whether nothing is at `path` (any more): for DEL that is success. */
export function isGone(path: string): boolean {
  return statusOf(path) === undefined;
}
