import { join } from 'node:path';
import { ROOT } from './places.ts';

/** What the bundle has in place of the modules of Node.js that commander imports. */
const FOR_COMMANDER: Readonly<Record<string, string>> = {
  'node:child_process': 'none.ts',
  'node:events': 'events.ts',
  'node:fs': 'none.ts',
  'node:path': 'path.ts',
  'node:process': 'process.ts',
};

/** Aliases for the bundler: module to file. */
export const LIBRARY_SHIMS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(FOR_COMMANDER).map(([name, file]) => [name, join(ROOT, 'ctl/commander', file)]),
);

/** The condition of package.json's imports under which the bundle gets the executables' own platform. */
export const PLATFORM_CONDITION = 'native';
