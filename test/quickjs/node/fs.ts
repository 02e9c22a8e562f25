import { hex, utf8 } from '../../../shared/bytes/text.ts';
import {
  exists,
  isLink,
  makeFolder,
  namesInFolder,
  Open,
  openFile,
  readBytes,
  readText,
  statusOf,
  writeWhole,
} from '../../../shared/system/files.ts';
import { platform } from '../platform.ts';

/** What unit tests use of node:fs. */
export const existsSync = exists;

export const readFileSync = (path: string, form?: unknown): string | Uint8Array =>
  form === undefined ? Buffer.from(readBytes(path)) : readText(path);

export function writeFileSync(path: string, content: string | Uint8Array, { mode = 0o666 } = {}): void {
  const fd = openFile(path, Open.replace, mode);
  writeWhole(fd, typeof content === 'string' ? utf8(content) : content);
  platform.close(fd);
}

export function mkdtempSync(prefix: string): string {
  const path = `${prefix}${hex(platform.random(4))}`;
  platform.mkdir(path, 0o700);
  return path;
}

export const mkdirSync = (path: string, { mode = 0o777 } = {}): void => makeFolder(path, mode);

export function rmSync(path: string, _options?: unknown): void {
  if (isLink(path) || statusOf(path)?.isFolder !== true) {
    if (exists(path) || isLink(path)) platform.unlink(path);
    return;
  }
  for (const name of namesInFolder(path)) rmSync(`${path}/${name}`);
  platform.rmdir(path);
}

export const readdirSync = (path: string): readonly string[] => namesInFolder(path);
export const symlinkSync = (target: string, path: string): void =>
  void platform.run('/bin/ln', ['-s', target, path], { timeout: 5_000, maxOutput: 1 << 10 });

export function truncateSync(path: string, length: number): void {
  platform.run('/usr/bin/truncate', ['-s', String(length), path], { timeout: 5_000, maxOutput: 1 << 10 });
}

export const chmodSync = (path: string, mode: number): void => platform.chmod(path, mode);
export const linkSync = (existing: string, path: string): void => platform.link(existing, path);

export function statSync(path: string) {
  const found = platform.status(path);
  if (found === undefined) throw new Error(`ENOENT: no such file or directory, stat '${path}'`);
  const mtimeMs = Number(found.modifiedAt / 1_000_000n);
  return { mode: found.mode, size: Number(found.size), ino: Number(found.inode), mtimeMs };
}
