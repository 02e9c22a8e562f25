import { chmodSync, writeFileSync } from 'node:fs';

/** Writes a shell script of one line; returns its path. */
export function script(path: string, line: string): string {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
  return path;
}
