import { failure } from '../error/failure.ts';
import { fs } from './node-modules.ts';
import { bun, type Signature } from './runtime.ts';

/** Functions of the C library, as in their manual pages: -1 is a failure, explained by `errno`. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(socket: number, level: number, option: number, value: Uint8Array, length: number): number;
  send(socket: number, bytes: Uint8Array, length: number, flags: number): number;
  recv(socket: number, buffer: Uint8Array, length: number, flags: number): number;
  setns(fd: number, type: number): number;
  flock(fd: number, operation: number): number;
  /** For commands whose argument is a struct. */
  fcntl(fd: number, command: number, argument: Uint8Array): number;
  open(path: Uint8Array, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, buffer: Uint8Array, length: number): number;
  write(fd: number, bytes: Uint8Array, length: number): number;
  access(path: Uint8Array, mode: number): number;
  /** 1 for a terminal. */
  isatty(fd: number): number;
  statfs(path: Uint8Array, answer: Uint8Array): number;
  /** statx(2), which older libraries do not have. */
  syscall(number: number, at: number, path: Uint8Array, flags: number, mask: number, answer: Uint8Array): number;
  errno(): number;
}

type Symbols = Omit<Libc, 'errno'> & { __errno_location(): number };

const SYMBOLS: Readonly<Record<keyof Symbols, Signature>> = {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  send: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64_fast' },
  recv: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64_fast' },
  setns: { args: ['i32', 'i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  fcntl: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
  open: { args: ['ptr', 'i32', 'i32'], returns: 'i32' },
  close: { args: ['i32'], returns: 'i32' },
  read: { args: ['i32', 'ptr', 'usize'], returns: 'i64_fast' },
  write: { args: ['i32', 'ptr', 'usize'], returns: 'i64_fast' },
  access: { args: ['ptr', 'i32'], returns: 'i32' },
  isatty: { args: ['i32'], returns: 'i32' },
  statfs: { args: ['ptr', 'ptr'], returns: 'i32' },
  syscall: { args: ['i64_fast', 'i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
  __errno_location: { args: [], returns: 'ptr' },
};

/**
 * The library that is already loaded: glibc finds it by this name without opening any file, and musl takes each `libc.…` for
 * itself. This must be the only name: the runtime would search the working directory for a library that is not loaded.
 */
const LIBRARY = 'libc.so.6';

let loaded: Libc | undefined;
/** Why there is none, once that is known. */
let reason: string | undefined;

/** The C library this executable is linked with; a fifth of a millisecond, once. Throws a Failure where the runtime cannot call it. */
export function libc(): Libc {
  const c = anyLibc();
  if (c === undefined) throw failure('cannot call the kernel', reason);
  return c;
}

/** The same; undefined where the runtime cannot call it. */
export function anyLibc(): Libc | undefined {
  if (loaded === undefined && reason === undefined) load();
  return loaded;
}

function load(): void {
  if (bun === undefined) {
    reason = 'this needs the built executables, not Node.js';
    return;
  }
  const { FFI } = bun;
  try {
    const opened = FFI.dlopen(LIBRARY, SYMBOLS);
    if (opened instanceof Error) throw opened;
    const symbols = opened.symbols as Symbols;
    loaded = { ...symbols, errno: () => FFI.read.i32(symbols.__errno_location(), 0) };
  } catch {
    reason = whyNot();
  }
}

/** The library exists but cannot be used: there is no memory for machine code. */
function whyNot(): string {
  const limit = addressSpace();
  const bounded = /^\d+$/.test(limit) ? `, which is limited to ${Math.floor(Number(limit) / 1e6)} MB` : '';
  return (
    `calling the C library needs memory that is both writable and executable, and 3 GB of address space${bounded}: ` +
    'see MemoryDenyWriteExecute and LimitAS of the systemd unit, deny_execmem of SELinux and ulimit -v of the process that started this'
  );
}

/** The limit on address space in bytes, or `unlimited`; '' when it cannot be read. */
function addressSpace(): string {
  try {
    return /^Max address space +(\S+)/m.exec(fs().readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
