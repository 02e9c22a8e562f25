import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { failure } from '../../shared/error/failure.ts';
import { errnoText } from '../../shared/system/errno.ts';
import { baseOf, folderOf } from '../../shared/system/file-name.ts';
import type { InstallStep } from './steps.ts';

/**
 * Carries out one step. A file gets its final name once it is complete and on disk: a process killed at any moment leaves the
 * old file or the new one, and processes that run the old one go on. `tag` is unique to this process. Throws a Failure with the
 * file's name.
 */
export function carryOut(step: InstallStep, tag: string): void {
  if (step.do === 'leave') return;
  try {
    if (step.do === 'removeFolder') removeEmpty(step.path);
    else if (step.do === 'remove') rmSync(step.path, { force: true });
    else place(step, tag);
  } catch (thrown) {
    throw failure(
      `cannot ${step.do === 'removeFolder' ? 'remove' : step.do} ${step.path}: ${errnoText(thrown)}`,
      cure(thrown),
      thrown,
    );
  }
}

const codeOf = (thrown: unknown) => (thrown as NodeJS.ErrnoException).code ?? '';

function cure(thrown: unknown): string {
  const cures: Readonly<Record<string, string>> = {
    EROFS: 'the file system is mounted read-only',
    ENOSPC: 'the disk is full',
    EACCES: 'this needs root',
    EPERM: 'this needs root, or the file is immutable (lsattr)',
  };
  return cures[codeOf(thrown)] ?? 'earlier steps are kept; run calico-install again';
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (thrown) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(thrown))) throw thrown;
  }
}

type Placing = Extract<InstallStep, { readonly mode: number }>;

function place(step: Placing, tag: string): void {
  const folder = folderOf(step.path);
  mkdirSync(folder, { recursive: true, mode: baseOf(folder) === 'calico-tls' ? 0o700 : 0o755 });
  const underWay = `${folder}/.${baseOf(step.path)}.calico-install-${tag}`;
  try {
    make(step, underWay);
    renameSync(underWay, step.path);
  } finally {
    // Renaming a file onto another name of the same file does nothing.
    rmSync(underWay, { force: true });
  }
  sync(folder);
}

function make(step: Placing, underWay: string): void {
  if (step.do === 'write') write(step.text, step.mode, underWay);
  else if (step.do === 'copy' || !linked(step.from, underWay)) {
    copyFileSync(step.from, underWay, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(underWay, step.mode);
    sync(underWay);
  }
}

function write(text: string, mode: number, path: string): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  // Regardless of the umask.
  chmodSync(path, mode);
}

/** Not every file system supports hard links. */
function linked(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch (thrown) {
    if (['EPERM', 'EMLINK', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'].includes(codeOf(thrown))) return false;
    throw thrown;
  }
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
