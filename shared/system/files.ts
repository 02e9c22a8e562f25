/** The operations on files. */
import { platform } from '#platform';
import { joinBytes } from '../bytes/join.ts';
import { fromUtf8, utf8 } from '../bytes/text.ts';
import { failure } from '../error/failure.ts';
import type { FileStatus } from '../platform/platform.ts';
import { errnoName } from './errno.ts';
import { folderOf } from './file-name.ts';

/** flock(2)'s operation: an exclusive lock, without waiting. */
export const LOCK_EX_NB = 2 | 4;

/** How a file is opened: open(2)'s flags, by their numbers on x86-64; the platform knows other processors' numbers. */
export const Open = {
  read: 0,
  append: 0o1 | 0o100 | 0o2000,
  existing: 0o1,
  /** Writes a new file; fails if there is one (EEXIST). */
  create: 0o1 | 0o100 | 0o200,
  /** Writes a file from its beginning, whether or not it exists. */
  replace: 0o1 | 0o100 | 0o1000,
  /** Writes a file from its beginning; fails if there is none (ENOENT). */
  rewrite: 0o1 | 0o1000,
  neverWait: 0o4000,
  /** Do not make a terminal the controlling one of this process. */
  noTerminal: 0o400,
  /** Refuse a symbolic link at the end of the path (ELOOP). */
  noLink: 0o400000,
} as const;
const CHUNK = 8 << 10;
const LARGEST_CHUNK = 256 << 10;

/** The status of a file. */
export interface Status {
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly isSocket: boolean;
  /** Permission bits. */
  readonly mode: number;
  /** User id. */
  readonly owner: number;
  /** The number of its hard links. */
  readonly names: number;
  readonly size: bigint;
  /** When it was last written, nanoseconds since 1970. */
  readonly writtenAt: bigint;
  /** Identifies the file on this machine. */
  readonly identity: string;
}

/** Refuses a path with a NUL in it: the kernel would read only what is before it. */
function requireWhole(path: string): void {
  if (path.includes('\0')) throw failure('a path must not hold null bytes', JSON.stringify(path));
}

export function openFile(path: string, flags: number, mode = 0o666): number {
  requireWhole(path);
  return platform.open(path, flags, mode);
}

export const closeFile = (fd: number): void => platform.close(fd);

/** Returns how many bytes were read; 0 at the end. Throws EAGAIN, like the next function, when `fd` is non-blocking. */
export const readInto = (fd: number, buffer: Uint8Array): number => platform.read(fd, buffer);

/** Returns how many bytes were written, which may be fewer than given. */
export const writeFrom = (fd: number, bytes: Uint8Array): number => platform.write(fd, bytes);

/** Writes all of the bytes; throws when the disk is full. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += platform.write(fd, at === 0 ? bytes : bytes.subarray(at));
}

/** Everything that is left to read from `fd`. */
export function readRest(fd: number, read = readInto): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let size = CHUNK; ; size = Math.min(size * 2, LARGEST_CHUNK)) {
    const part = new Uint8Array(size);
    const length = read(fd, part);
    if (length === 0) return joinBytes(parts);
    parts.push(part.subarray(0, length));
  }
}

export function readBytes(path: string): Uint8Array {
  const fd = openFile(path, Open.read);
  try {
    return readRest(fd);
  } finally {
    closeFile(fd);
  }
}

export const readText = (path: string): string => fromUtf8(readBytes(path));

/** Writes a sysctl file with a single write, as the kernel requires; never creates a file. */
export function overwrite(path: string, text: string): void {
  const fd = openFile(path, Open.existing);
  try {
    writeFrom(fd, utf8(text));
  } finally {
    closeFile(fd);
  }
}

/** Writes a file from its beginning, or a new one. */
export const writeText = (path: string, text: string): void => writeAndClose(openFile(path, Open.replace), text);

/** Empties an existing file and writes it; never creates one. */
export const rewriteText = (path: string, text: string): void => writeAndClose(openFile(path, Open.rewrite), text);

function writeAndClose(fd: number, text: string): void {
  try {
    writeWhole(fd, utf8(text));
  } finally {
    closeFile(fd);
  }
}

/** Puts a new file at a path, making its folder if need be; whoever reads it meanwhile never gets half a text. */
export function replaceText(path: string, text: string): void {
  makeFolder(folderOf(path), 0o755);
  writeText(`${path}.new`, text);
  platform.rename(`${path}.new`, path);
}

/** Creates a folder and its parents, unless it exists. */
export function makeFolder(path: string, mode: number): void {
  requireWhole(path);
  if (path === '' || exists(path)) return;
  makeFolder(folderOf(path), mode);
  try {
    platform.mkdir(path, mode);
  } catch (thrown) {
    // Another process has just made it.
    if (errnoName(thrown) !== 'EEXIST') throw thrown;
  }
}

export const exists = (path: string): boolean => !path.includes('\0') && platform.exists(path);

/** The status of a path or an open descriptor; undefined when it does not exist. Throws any other error. */
export function statusOf(path: string | number): Status | undefined {
  if (typeof path === 'string') requireWhole(path);
  const status = platform.status(path);
  return status && statusFrom(status);
}

const FORMAT = 0o170000;
const Format = { socket: 0o140000, link: 0o120000, file: 0o100000, folder: 0o040000 } as const;

function statusFrom({ mode, uid, links, size, modifiedAt, device, inode }: FileStatus): Status {
  const format = mode & FORMAT;
  return {
    isFile: format === Format.file,
    isFolder: format === Format.folder,
    isSocket: format === Format.socket,
    mode: mode & 0o7777,
    owner: uid,
    names: links,
    size,
    writtenAt: modifiedAt,
    identity: `${device}:${inode}`,
  };
}

/** Whether a path is a symbolic link, wherever that leads. */
export const isLink = (path: string): boolean => ((platform.linkStatus(path)?.mode ?? 0) & FORMAT) === Format.link;

/** The kind of file system of `path`: its number in statfs(2). */
export const fileSystemOf = (path: string): number => platform.fileSystem(path);

/** The names in a folder, in no order. */
export function namesInFolder(path: string): readonly string[] {
  requireWhole(path);
  return platform.readdir(path);
}

/** Removes a file, if it exists. */
export function removeFile(path: string): void {
  try {
    platform.unlink(path);
  } catch (thrown) {
    if (errnoName(thrown) !== 'ENOENT') throw thrown;
  }
}

/** Flushes a file or folder to the disk. */
export function syncPath(path: string): void {
  const fd = openFile(path, Open.read);
  try {
    platform.fsync(fd);
  } finally {
    closeFile(fd);
  }
}
