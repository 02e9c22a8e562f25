import { failure } from './cni/error.ts';

/** Functions of the C library for which node: has no name, as their manual pages say: -1 is a failure that `errno` explains. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(socket: number, level: number, option: number, value: Uint8Array, length: number): number;
  send(socket: number, bytes: Uint8Array, length: number, flags: number): number;
  recv(socket: number, buffer: Uint8Array, length: number, flags: number): number;
  setns(fd: number, type: number): number;
  flock(fd: number, operation: number): number;
  errno(): number;
}

/** The part used here of the runtime's `bun:ffi`. */
interface Ffi {
  dlopen(library: string, symbols: Readonly<Record<string, Signature>>): { readonly symbols: Symbols };
  readonly read: { i32(pointer: number, offset: number): number };
}

interface Signature {
  readonly args: readonly string[];
  readonly returns: string;
}

type Symbols = Omit<Libc, 'errno'> & { __errno_location(): number };

const SYMBOLS: Readonly<Record<keyof Symbols, Signature>> = {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  send: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64_fast' },
  recv: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64_fast' },
  setns: { args: ['i32', 'i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  __errno_location: { args: [], returns: 'ptr' },
};

/** glibc's name, then musl's. */
const LIBRARIES = ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`];

let loaded: Libc | undefined;

/** The C library this executable is linked with: a third of a millisecond, once. Throws code 999 where the runtime cannot call it. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  const ffi = process.getBuiltinModule?.('bun:ffi' as 'fs') as unknown as Ffi | undefined;
  if (ffi === undefined) throw failure('cannot talk to the kernel', 'only the built executables can, not Node.js');
  const reasons: unknown[] = [];
  for (const library of LIBRARIES) {
    try {
      const { symbols } = ffi.dlopen(library, SYMBOLS);
      return { ...symbols, errno: () => ffi.read.i32(symbols.__errno_location(), 0) };
    } catch (error) {
      reasons.push(error);
    }
  }
  throw failure('cannot talk to the kernel: the C library cannot be loaded', reasons.join('; '));
}
