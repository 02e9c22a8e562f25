import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { tools, toolsVariable } from '../../build/tools.ts';

/**
 * Makes the rows measure executables as an installation leaves them: a fresh copy below `folder` for each row, because
 * some machines drop their page cache every few minutes.
 */
export function freshCopy(folder: string): void {
  const bin = join(folder, 'fresh');
  place(bin);
  Object.assign(process.env, toolsVariable({ ...tools(), bin }));
}

/** Path of a `calico` that must be read from disk again, as after a reboot. */
export function readBack(folder: string): string {
  const bin = join(folder, 'read-back');
  place(bin);
  const calico = join(bin, 'calico');
  execaSync('dd', [`of=${calico}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0']);
  return calico;
}

function place(bin: string): void {
  mkdirSync(bin, { recursive: true });
  const calico = join(bin, 'calico');
  copyFileSync(join(tools().bin, 'calico'), `${calico}.new`);
  renameSync(`${calico}.new`, calico);
  for (const name of [`${calico}-ipam`, `${calico}ctl`]) {
    rmSync(name, { force: true });
    linkSync(calico, name);
  }
}
