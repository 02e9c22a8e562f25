/**
 * Files, as far as every call needs them. The executables ask the C library; what it refuses is asked of node:fs once more,
 * which throws in its own words, and does it all under Node.js. Loading node:fs takes nearly 2 ms.
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
  /** A terminal does not become that of this process. */
  noTerminal: 0o400,
  /** A symbolic link at the end of the path is refused (ELOOP). */
  noLink: process.arch === 'arm64' ? 0o100000 : 0o400000,
} as const;
const CLOSE_ON_EXEC = 0o2000000;
const CHUNK = 8 << 10;

/** What is at a path. */
export interface Status {
  readonly isFile: boolean;
  readonly isSocket: boolean;
  /** Permission bits. */
  readonly mode: number;
  /** User id. */
  readonly owner: number;
  /** How many hard links lead to it. */
  readonly names: number;
  readonly size: bigint;
  /** When it was last written, nanoseconds since 1970. */
  readonly writtenAt: bigint;
  /** What tells one file of the machine from another. */
  readonly identity: string;
}

/** A path as the C library reads it; -1 without a library. */
function ask(path: string, call: (c: Libc, path: Uint8Array) => number): number {
  requireWhole(path);
  const c = anyLibc();
  return c === undefined ? -1 : call(c, Buffer.from(`${path}\0`));
}

/** A path with a NUL in it would be read in part. */
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

/** How many bytes were read; 0 at the end. Throws EAGAIN, as the next one, where `fd` does not wait. */
export function readInto(fd: number, buffer: Uint8Array): number {
  const length = anyLibc()?.read(fd, buffer, buffer.length) ?? -1;
  return length < 0 ? fs().readSync(fd, buffer) : length;
}

/** How many bytes were written, which may be fewer than were given. */
export function writeFrom(fd: number, bytes: Uint8Array): number {
  const length = anyLibc()?.write(fd, bytes, bytes.length) ?? -1;
  return length < 0 ? fs().writeSync(fd, bytes) : length;
}

/** All that is still to be read from `fd`. */
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

/** Writes a setting of the kernel, at once, as it wants it; never makes a file. */
export function overwrite(path: string, text: string): void {
  const fd = openFile(path, Open.existing);
  try {
    writeFrom(fd, Buffer.from(text));
  } finally {
    closeFile(fd);
  }
}

/** Makes a folder and those above it, unless it is there. */
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
/** statx(2): its number, and its AT_FDCWD, AT_EMPTY_PATH and STATX_BASIC_STATS. */
const STATX = process.arch === 'arm64' ? 291 : 332;
const HERE = -100;
const EMPTY_PATH = 0x1000;
const BASIC = 0x7ff;

/** What is at `path`, or is open as this descriptor; undefined when nothing is. Throws what else keeps it from being told. */
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

/** The part used here of struct statx (linux/stat.h), which is the same on every machine. */
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

/** The kind of file system that `path` is on: its number in statfs(2). */
export function fileSystemOf(path: string): number {
  const answer = Buffer.alloc(256);
  const done = ask(path, (c, bytes) => c.statfs(bytes, answer));
  return done === 0 ? Number(answer.readBigInt64LE(0)) : fs().statfsSync(path).type;
}
