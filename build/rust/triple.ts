import type { Target } from '../targets.ts';
import type { Libc } from './order.ts';

/** Rust's name of a target: with musl an executable is static, with gnu it needs the C library of a Linux like this one. */
export const tripleOf = ({ cpu }: Target, libc: Libc) => `${cpu}-unknown-linux-${libc}`;
