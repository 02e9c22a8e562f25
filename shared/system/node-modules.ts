import type * as NodePrograms from 'node:child_process';
import type * as NodeFiles from 'node:fs';

/** Node's modules, loaded by the calls that need them: a static import would cost every start 1 to 2 ms each. */

let files: typeof NodeFiles | undefined;
let programs: typeof NodePrograms | undefined;

export function fs(): typeof NodeFiles {
  files ??= process.getBuiltinModule('node:fs');
  return files;
}

export function childProcess(): typeof NodePrograms {
  programs ??= process.getBuiltinModule('node:child_process');
  return programs;
}
