import * as files from './files.ts';
import * as programs from './programs.ts';

/** What the product loads of node:, as the fault build sees it. */
export const fs = () => files;
export const childProcess = () => programs;
