import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { isatty } from 'node:tty';
import type { FileStatus, Platform } from '../platform.ts';

type Files = Pick<
  Platform,
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'exists'
  | 'status'
  | 'linkStatus'
  | 'fileSystem'
  | 'readdir'
  | 'rename'
  | 'unlink'
  | 'link'
  | 'realpath'
  | 'mkdir'
  | 'rmdir'
  | 'isWritable'
  | 'hashFile'
  | 'chmod'
  | 'fsync'
  | 'copyRange'
  | 'isTerminal'
  | 'terminalSize'
>;

const CHUNK = 1 << 20;
/** On x86-64; other processors have another number for it. */
const NO_LINK = 0o400000;

export const files: Files = {
  open: (path, flags, mode) =>
    fs.openSync(path, (flags & ~NO_LINK) | (flags & NO_LINK ? fs.constants.O_NOFOLLOW : 0), mode),
  close: (fd) => fs.closeSync(fd),
  read: (fd, into) => fs.readSync(fd, into),
  write: (fd, bytes) => fs.writeSync(fd, bytes),
  exists: (path) => fs.existsSync(path),
  status: (path) =>
    found(() =>
      typeof path === 'number' ? fs.fstatSync(path, { bigint: true }) : fs.statSync(path, { bigint: true }),
    ),
  linkStatus: (path) => found(() => fs.lstatSync(path, { bigint: true })),
  fileSystem: (path) => fs.statfsSync(path).type,
  readdir: (path) => fs.readdirSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  link: (existing, path) => fs.linkSync(existing, path),
  realpath: (path) => fs.realpathSync(path),
  mkdir: (path, mode) => void fs.mkdirSync(path, mode),
  rmdir: (path) => fs.rmdirSync(path),
  isWritable: (folder) => {
    try {
      fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  hashFile: (algorithm, fd) => {
    const hash = createHash(algorithm);
    const part = new Uint8Array(CHUNK);
    for (let got = fs.readSync(fd, part); got > 0; got = fs.readSync(fd, part)) hash.update(part.subarray(0, got));
    return new Uint8Array(hash.digest());
  },
  chmod: (path, mode) => (typeof path === 'number' ? fs.fchmodSync(path, mode) : fs.chmodSync(path, mode)),
  fsync: (fd) => fs.fsyncSync(fd),
  copyRange: (from, to, length) => {
    const part = new Uint8Array(Math.min(length, CHUNK));
    const got = fs.readSync(from, part);
    for (let at = 0; at < got; ) at += fs.writeSync(to, part, at, got - at);
    return got;
  },
  isTerminal: isatty,
  terminalSize: (fd) => {
    const { columns, rows } = fd === 2 ? process.stderr : process.stdout;
    return isatty(fd) ? { columns, rows } : undefined;
  },
};

/** The status that `look` finds; undefined when there is no such file. */
function found(look: () => fs.BigIntStats): FileStatus | undefined {
  try {
    const { mode, size, uid, nlink, ino, dev, mtimeNs } = look();
    return {
      mode: Number(mode),
      size,
      uid: Number(uid),
      links: Number(nlink),
      inode: ino,
      device: `${(dev >> 8n) & 0xfffn}:${(dev & 0xffn) | ((dev >> 12n) & 0xfff00n)}`,
      modifiedAt: mtimeNs,
    };
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw thrown;
  }
}
