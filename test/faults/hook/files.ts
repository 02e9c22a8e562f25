import * as fs from 'node:fs';
import { next, pass } from './boundary.ts';

/** node:fs for the fault build: every change to a file is a boundary. */
export * from 'node:fs';

const paths = new Map<number, string>();

/** Standard error opened again. Writing to it changes no file. */
const SAID = '/proc/self/fd/2';

export const openSync: typeof fs.openSync = (path, flags, mode) => {
  if (path === SAID) return fs.openSync(path, flags, mode);
  if (flags === undefined || flags === 'r' || flags === fs.constants.O_RDONLY) return fs.openSync(path, flags, mode);
  const open = () => fs.openSync(path, flags, mode);
  const creates = typeof flags === 'string' || (flags & fs.constants.O_CREAT) !== 0;
  const fd = creates ? around('create', String(path), open) : open();
  paths.set(fd, String(path));
  return fd;
};

export const closeSync: typeof fs.closeSync = (fd) => {
  fs.closeSync(fd);
  paths.delete(fd);
};

export const writeSync = ((fd: number, ...rest: readonly never[]) => {
  const write = fs.writeSync as (...args: readonly unknown[]) => number;
  const path = paths.get(fd);
  return path === undefined ? write(fd, ...rest) : around('write', path, () => write(fd, ...rest));
}) as typeof fs.writeSync;

export const writeFileSync: typeof fs.writeFileSync = (file, data, options) =>
  around('write', pathOf(file), () => fs.writeFileSync(file, data, options));

export const renameSync: typeof fs.renameSync = (from, to) =>
  around('rename to', String(to), () => fs.renameSync(from, to));

export const unlinkSync: typeof fs.unlinkSync = (path) => around('remove', String(path), () => fs.unlinkSync(path));

export const rmSync: typeof fs.rmSync = (path, options) =>
  around('remove', String(path), () => fs.rmSync(path, options));

export const rmdirSync: typeof fs.rmdirSync = (path) => around('remove', String(path), () => fs.rmdirSync(path));

export const mkdirSync = ((path: fs.PathLike, options?: fs.MakeDirectoryOptions) =>
  fs.existsSync(path)
    ? undefined
    : around('make', String(path), () => fs.mkdirSync(path, options))) as typeof fs.mkdirSync;

const pathOf = (file: fs.PathOrFileDescriptor): string =>
  typeof file === 'number' ? (paths.get(file) ?? `file ${file}`) : String(file);

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
