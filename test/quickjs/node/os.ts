import { platform } from '../platform.ts';

/** What unit tests use of node:os. */
export const tmpdir = (): string => platform.env['TMPDIR'] ?? '/tmp';
