/**
 * The file operations of every call. The executables call the C library; when that fails, node:fs is called to throw its own
 * error. Under Node.js, node:fs does everything. Loading node:fs takes nearly 2 ms.
 */
import { failure } from '../error/failure.ts';
import { errnoName } from './errno.ts';
import { anyLibc, type Libc } from './libc.ts';
import { fs } from './node-modules.ts';

/** How a file is opened: open(2)'s flags. */
export const Open = {
  read: 0,
  append: 0o1 | 0o100 | 0o2000,
  existing: 0o1,
  neverWait: 0o4000,
  /** Do not make a terminal the controlling one of this process. */
  noTerminal: 0o400,
  /** Refuse a symbolic link at the end of the path (ELOOP). */
  noLink: process.arch === 'arm64' ? 0o100000 : 0o400000,
} as const;
const CLOSE_ON_EXEC = 0o2000000;
const CHUNK = 8 << 10;

/** The status of a file. */
export interface Status {
  readonly isFile: boolean;
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

/** Opens a path with the C library; -1 without the library. */
function ask(path: string, call: (c: Libc, path: Uint8Array) => number): number {
  requireWhole(path);
  const c = anyLibc();
  return c === undefined ? -1 : call(c, Buffer.from(`${path}\0`));
}

/** Refuses a path with a NUL in it: the C library would read only what is before it. */
function requireWhole(path: string): void {
  if (path.includes('\0')) throw failure('a path must not hold null bytes', JSON.stringify(path));
}

export function openFile(path: string, flags: number, mode = 0o666): number {
  const fd = ask(path, (c, bytes) => c.open(bytes, flags | CLOSE_ON_EXEC, mode));
  return fd < 0 ? fs().openSync(path, flags, mode) : fd;
}

export function closeFile(fd: number): void {
  const c = anyLibc();
  if (c === undefined) fs().closeSync(fd);
  else c.close(fd);
}

/** Returns how many bytes were read; 0 at the end. Throws EAGAIN, like the next function, when `fd` is non-blocking. */
export function readInto(fd: number, buffer: Uint8Array): number {
  const length = anyLibc()?.read(fd, buffer, buffer.length) ?? -1;
  return length < 0 ? fs().readSync(fd, buffer) : length;
}

/** Returns how many bytes were written, which may be fewer than given. */
export function writeFrom(fd: number, bytes: Uint8Array): number {
  const length = anyLibc()?.write(fd, bytes, bytes.length) ?? -1;
  return length < 0 ? fs().writeSync(fd, bytes) : length;
}

/** Everything that is left to read from `fd`. */
export function readRest(fd: number, read = readInto): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.allocUnsafe(CHUNK);
    const length = read(fd, part);
    if (length === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, length));
  }
}

export function readBytes(path: string): Buffer {
  const fd = openFile(path, Open.read);
  try {
    return readRest(fd);
  } finally {
    closeFile(fd);
  }
}

export const readText = (path: string): string => readBytes(path).toString('utf8');

/** Writes a sysctl file with a single write, as the kernel requires; never creates a file. */
export function overwrite(path: string, text: string): void {
  const fd = openFile(path, Open.existing);
  try {
    writeFrom(fd, Buffer.from(text));
  } finally {
    closeFile(fd);
  }
}

/** Creates a folder and its parents, unless it exists. */
export function makeFolder(path: string, mode: number): void {
  requireWhole(path);
  if (!exists(path)) fs().mkdirSync(path, { recursive: true, mode });
}

export function exists(path: string): boolean {
  if (path.includes('\0')) return false;
  return anyLibc() === undefined ? fs().existsSync(path) : ask(path, (c, bytes) => c.access(bytes, 0)) === 0;
}

/** ENOENT and ENOTDIR. */
const NOTHING_THERE = [2, 20];
/** statx(2): its system call number, and its AT_FDCWD, AT_EMPTY_PATH and STATX_BASIC_STATS. */
const STATX = process.arch === 'arm64' ? 291 : 332;
const HERE = -100;
const EMPTY_PATH = 0x1000;
const BASIC = 0x7ff;

/** The status of a path or an open descriptor; undefined when it does not exist. Throws any other error. */
export function statusOf(path: string | number): Status | undefined {
  const answer = Buffer.alloc(256);
  const [at, name, flags] = typeof path === 'number' ? [path, '', EMPTY_PATH] : [HERE, path, 0];
  const done = ask(name, (c, bytes) => {
    const result = c.syscall(STATX, at, bytes, flags, BASIC, answer);
    return result < 0 && NOTHING_THERE.includes(c.errno()) ? 1 : result;
  });
  if (done === 0) return readStatx(answer);
  return done < 0 ? statusByNode(path) : undefined;
}

/** The part of struct statx (linux/stat.h) that is used here; the same on every machine. */
function readStatx(answer: Buffer): Status {
  const mode = answer.readUInt16LE(0x1c);
  const device = `${answer.readUInt32LE(0x88)}:${answer.readUInt32LE(0x8c)}`;
  const size = answer.readBigUInt64LE(0x28);
  const identity = `${device}:${answer.readBigUInt64LE(0x20)}`;
  const writtenAt = answer.readBigInt64LE(0x70) * 1_000_000_000n + BigInt(answer.readUInt32LE(0x78));
  const [names, owner] = [answer.readUInt32LE(0x10), answer.readUInt32LE(0x14)];
  return { ...kindOf(mode), mode: mode & 0o7777, owner, names, size, writtenAt, identity };
}

const kindOf = (mode: number) => ({
  isFile: (mode & 0o170000) === 0o100000,
  isSocket: (mode & 0o170000) === 0o140000,
});

function statusByNode(path: string | number): Status | undefined {
  const stat = typeof path === 'number' ? fs().fstatSync(path, { bigint: true }) : statOf(path);
  if (stat === undefined) return undefined;
  const identity = `${stat.dev}:${stat.ino}`;
  const [mode, owner, names] = [stat.mode, stat.uid, stat.nlink].map(Number) as [number, number, number];
  const { size, mtimeNs: writtenAt } = stat;
  return { ...kindOf(mode), mode: mode & 0o7777, owner, names, size, writtenAt, identity };
}

function statOf(path: string) {
  try {
    return fs().statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoName(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The kind of file system of `path`: its number in statfs(2). */
export function fileSystemOf(path: string): number {
  const answer = Buffer.alloc(256);
  const done = ask(path, (c, bytes) => c.statfs(bytes, answer));
  return done === 0 ? Number(answer.readBigInt64LE(0)) : fs().statfsSync(path).type;
}
