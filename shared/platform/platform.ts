import type { Network } from './network.ts';
import type { Programs } from './programs.ts';

/**
 * All that the product asks of the machine it runs on. In the executables their native part provides it, in unit tests and
 * development tools Node.js. Failed system calls throw an Error with `code` (`ENOENT`), `errno`, `syscall` and `path`, whose
 * message is `ENOENT: no such file or directory, open '/x'`.
 */
export interface Platform extends Process, Clock, Files, Kernel, Programs, Conversions, Network {}

interface Process {
  readonly arch: 'x64' | 'arm64';
  readonly pid: number;
  /** The name that this was started by, and its arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  exit(status: number): never;
  /** Effective user id. */
  euid(): number;
  hostname(): string;
  /** The path of the executable itself. */
  executable(): string;
  /** Called with what a callback throws, and with rejections that are not handled. */
  onUncaught(callback: (error: unknown) => void): void;
  /** Called when nothing is left to wait for. */
  onIdle(callback: () => void): void;
  /** What is written to standard output, and the exit status, when the process dies without running any more of our code. */
  setLastWords(text: string, status: number): void;
  onSignal(name: 'SIGTERM' | 'SIGINT' | 'SIGHUP', callback: () => void): void;
}

interface Clock {
  /** Wall clock, nanoseconds since 1970. */
  now(): bigint;
  /** Milliseconds since the process began. */
  elapsed(): number;
  /** Blocks the process. */
  sleep(ms: number): void;
  /** Calls back once, after so many milliseconds. Returns the timer's number. */
  timer(ms: number, callback: () => void): number;
  clearTimer(id: number): void;
  /** Calls back after pending input and output has been handled. */
  immediate(callback: () => void): void;
  random(length: number): Uint8Array;
}

/** The status of a file, as in struct stat. */
export interface FileStatus {
  /** Type and permissions. */
  readonly mode: number;
  readonly size: bigint;
  readonly uid: number;
  /** The number of its hard links. */
  readonly links: number;
  readonly inode: bigint;
  /** `major:minor`. */
  readonly device: string;
  /** When it was last written, nanoseconds since 1970. */
  readonly modifiedAt: bigint;
}

interface Files {
  /** `flags` as in open(2), by their numbers on x86-64; the descriptor is always close-on-exec. */
  open(path: string, flags: number, mode: number): number;
  close(fd: number): void;
  /** How many bytes were read; 0 at the end. */
  read(fd: number, into: Uint8Array): number;
  /** How many bytes were written, which may be fewer than given. */
  write(fd: number, bytes: Uint8Array): number;
  exists(path: string): boolean;
  /** Follows links; undefined when there is no such file, also at the end of links that go in a circle. */
  status(path: string | number): FileStatus | undefined;
  linkStatus(path: string): FileStatus | undefined;
  /** The kind of file system: its number in statfs(2). */
  fileSystem(path: string): number;
  readdir(path: string): string[];
  rename(from: string, to: string): void;
  unlink(path: string): void;
  link(existing: string, path: string): void;
  realpath(path: string): string;
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  /** Whether this process may write to a folder (access(2): write and search). */
  isWritable(folder: string): boolean;
  /** The digest of what is left to read from `fd`. */
  hashFile(algorithm: 'sha256', fd: number): Uint8Array;
  chmod(path: string | number, mode: number): void;
  fsync(fd: number): void;
  /** Copies within the kernel; returns how many bytes, 0 at the end. */
  copyRange(from: number, to: number, length: number): number;
  isTerminal(fd: number): boolean;
  /** Undefined when it is not a terminal. */
  terminalSize(fd: number): { readonly columns: number; readonly rows: number } | undefined;
  /** flock(2); false when another process has the lock and `operation` does not wait. */
  flock(fd: number, operation: number): boolean;
  /** The exclusive lock, waited for in the kernel, so that nothing else goes on; false when another process has it after so many milliseconds. */
  flockWithin(fd: number, ms: number): boolean;
  /** A lock of the open file on the byte at `at`, without waiting: false when it is held elsewhere, undefined when there are no such locks here. */
  rangeLock(fd: number, command: 'set' | 'clear', at: bigint): boolean | undefined;
  isRangeLocked(fd: number, at: bigint): boolean;
}

/** System calls as in their manual pages. */
interface Kernel {
  setns(fd: number, type: number): void;
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): void;
  send(fd: number, bytes: Uint8Array, flags: number): number;
  recv(fd: number, into: Uint8Array, flags: number): number;
}

/** Members of objects that are left out: as a whole, or what is within them. Lists do not count as a level. */
export interface LeaveOut {
  readonly [name: string]: true | LeaveOut;
}

interface Conversions {
  /**
   * As JSON.parse, but integers that a number cannot hold exactly are bigints; throws when it is not JSON or nested too deeply.
   * What is left out need not be valid.
   */
  parseJson(text: string, leaveOut?: LeaveOut): unknown;
  /** As JSON.stringify, but with bigints as plain literals, Maps as objects in their own order, and what Go escapes escaped. */
  stringifyJson(value: unknown): string;
  encodeUtf8(text: string): Uint8Array<ArrayBuffer>;
  /** Invalid bytes become U+FFFD, or throw a TypeError if `fatal`. A byte order mark is kept. */
  decodeUtf8(bytes: Uint8Array, fatal?: boolean): string;
  decodeLatin1(bytes: Uint8Array): string;
  encodeBase64(bytes: Uint8Array): string;
  /** Skips characters that are not digits; takes those of URLs too. */
  decodeBase64(text: string): Uint8Array<ArrayBuffer>;
  encodeHex(bytes: Uint8Array): string;
  hash(algorithm: 'sha1' | 'sha256' | 'sha512' | 'sha3-256', bytes: Uint8Array): Uint8Array;
  /** Whether a password is that of a bcrypt hash, which takes long on purpose. Throws (BAD_HASH) for any other text. */
  passwordMatches(password: string, hash: string): boolean;
}
