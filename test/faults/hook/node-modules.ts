import * as files from './files.ts';
import * as programs from './programs.ts';

/** The node: modules that the product loads, for the fault build. */
export const fs = () => files;
export const childProcess = () => programs;
