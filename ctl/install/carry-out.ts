import { platform } from '#platform';
import { utf8 } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import { errnoName, errnoText } from '../../shared/system/errno.ts';
import { baseOf, folderOf } from '../../shared/system/file-name.ts';
import { closeFile, makeFolder, Open, openFile, removeFile, syncPath, writeWhole } from '../../shared/system/files.ts';
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
    else if (step.do === 'remove') removeFile(step.path);
    else place(step, tag);
  } catch (thrown) {
    throw failure(
      `cannot ${step.do === 'removeFolder' ? 'remove' : step.do} ${step.path}: ${errnoText(thrown)}`,
      cure(thrown),
      thrown,
    );
  }
}

const codeOf = (thrown: unknown) => errnoName(thrown) ?? '';

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
    platform.rmdir(path);
  } catch (thrown) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(thrown))) throw thrown;
  }
}

type Placing = Extract<InstallStep, { readonly mode: number }>;

function place(step: Placing, tag: string): void {
  const folder = folderOf(step.path);
  makeFolder(folder, baseOf(folder) === 'calico-tls' ? 0o700 : 0o755);
  const underWay = `${folder}/.${baseOf(step.path)}.calico-install-${tag}`;
  try {
    make(step, underWay);
    platform.rename(underWay, step.path);
  } finally {
    // A rename onto another name of the same file does nothing at all.
    removeFile(underWay);
  }
  syncPath(folder);
}

function make(step: Placing, underWay: string): void {
  if (step.do === 'write') write(step.text, step.mode, underWay);
  else if (step.do === 'copy' || !linked(step.from, underWay)) {
    copy(step.from, step.mode, underWay);
  }
}

function write(text: string, mode: number, path: string): void {
  makeNew(path, mode, (fd) => writeWhole(fd, utf8(text)));
}

const PART = 64 << 20;

function copy(from: string, mode: number, path: string): void {
  const source = openFile(from, Open.read);
  try {
    makeNew(path, mode, (fd) => {
      while (platform.copyRange(source, fd, PART) > 0);
    });
  } finally {
    closeFile(source);
  }
}

/** Makes a file that is not there yet, fills it and flushes it to the disk. */
function makeNew(path: string, mode: number, fill: (fd: number) => void): void {
  const fd = openFile(path, Open.create, 0o600);
  try {
    fill(fd);
    // Whatever the umask is.
    platform.chmod(fd, mode);
    platform.fsync(fd);
  } finally {
    closeFile(fd);
  }
}

/** Not every file system supports hard links. */
function linked(from: string, path: string): boolean {
  try {
    platform.link(from, path);
    return true;
  } catch (thrown) {
    if (['EPERM', 'EMLINK', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'].includes(codeOf(thrown))) return false;
    throw thrown;
  }
}
