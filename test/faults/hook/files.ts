import { platform as native } from '../../../shared/platform/native.ts';
import type { Platform } from '../../../shared/platform/platform.ts';
import { next, pass } from './boundary.ts';

type Changing = 'open' | 'close' | 'write' | 'rename' | 'unlink' | 'rmdir' | 'mkdir';

/** Paths of files that are open for writing. */
const paths = new Map<number, string>();

/** Standard error opened again. Writing to it changes no file. */
const SAID = '/proc/self/fd/2';
const [WRITES, CREATES] = [0o3, 0o100];

/** Every change to a file is a boundary. */
export const files: Pick<Platform, Changing> = {
  open(path, flags, mode) {
    const open = () => native.open(path, flags, mode);
    if (path === SAID || (flags & WRITES) === 0) return open();
    const fd = (flags & CREATES) === 0 ? open() : around('create', path, open);
    paths.set(fd, path);
    return fd;
  },
  close(fd) {
    native.close(fd);
    paths.delete(fd);
  },
  write(fd, bytes) {
    const path = paths.get(fd);
    const write = () => native.write(fd, bytes);
    return path === undefined ? write() : around('write', path, write);
  },
  rename: (from, to) => around('rename to', to, () => native.rename(from, to)),
  unlink: (path) => around('remove', path, () => native.unlink(path)),
  rmdir: (path) => around('remove', path, () => native.rmdir(path)),
  mkdir: (path, mode) => around('make', path, () => native.mkdir(path, mode)),
};

function around<T>(verb: string, path: string, work: () => T): T {
  const name = `${verb} ${shortened(path)}`;
  const number = next('file');
  if (pass({ kind: 'file', number, phase: 'before', name }) === 'fails') {
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), { code: 'ENOSPC' });
  }
  const result = work();
  pass({ kind: 'file', number, phase: 'after', name });
  return result;
}

/** Without what differs between calls: IDs, process numbers, random names. */
function shortened(path: string): string {
  const ids = path.replace(/\b(cali|bwcali)[0-9a-z]{6,}/, '$1*').replace(/\/c[0-9a-f]{8,}-[0-9a-f]+/, '/*');
  return ids
    .replace(/\.\d+-\d+$/, '.claimed')
    .replace('/proc/sys/net/', '')
    .replace('/var/lib/calico/', '');
}
