import { platform } from '#platform';
import { utf8 } from '../bytes/text.ts';
import { failure } from '../error/failure.ts';
import { toFailure } from '../error/failure-context.ts';
import { baseOf, extensionOf, folderOf } from '../system/file-name.ts';
import { closeFile, makeFolder, namesInFolder, Open, openFile, statusOf, writeFrom } from '../system/files.ts';
import type { World } from '../system/world.ts';
import type { LogConf } from './log-conf.ts';

/** A log file, opened by its first line. When it cannot be written, it says so once on standard error and gives up. */
export interface LogFile {
  write(line: string): void;
}

const MEGABYTE = 1 << 20;
const DAY_MS = 24 * 60 * 60 * 1000;
// Non-blocking: opening a FIFO without a reader would wait forever.
const FLAGS = Open.append | Open.neverWait;

/** The log file that a configuration names. Other processes append to it at the same time. */
export function openLogFile(world: World, conf: LogConf): LogFile {
  let fd: number | undefined;
  let broken = false;
  return {
    write(line) {
      if (broken) return;
      try {
        fd ??= open(conf.filePath);
        if (isFull(fd, line, conf)) fd = rotate(fd, world, conf);
        writeFrom(fd, utf8(line));
      } catch (thrown) {
        broken = true;
        world.stderr(`cannot write log file ${conf.filePath}: ${toFailure(thrown).message}\n`);
      }
    },
  };
}

function open(path: string): number {
  makeFolder(folderOf(path), 0o755);
  const fd = openFile(path, FLAGS, 0o644);
  if (!isStandardOutput(fd)) return fd;
  closeFile(fd);
  throw failure('it is standard output, which is reserved for the result');
}

/** Also by another path, such as `/dev/stdout`. */
function isStandardOutput(fd: number): boolean {
  const status = statusOf(fd);
  return status?.isFile === false && status.identity === statusOf(1)?.identity;
}

function isFull(fd: number, line: string, { fileMaxSize }: LogConf): boolean {
  const { isFile, size } = statusOf(fd) ?? { isFile: false, size: 0n };
  return isFile && size > 0n && Number(size) + line.length > fileMaxSize * MEGABYTE;
}

/** Renames the full file to `<base>-<UTC time>-size<ext>`, deletes those that are too old or too many, and opens a new one. */
function rotate(fd: number, world: World, conf: LogConf): number {
  const now = Number(world.now() / 1_000_000n);
  // Another process may have been first; then the path already leads to a new file.
  if (statusOf(fd)?.identity === statusOf(conf.filePath)?.identity) {
    platform.rename(conf.filePath, rotatedName(conf.filePath, new Date(now)));
    prune(conf, now);
  }
  closeFile(fd);
  return open(conf.filePath);
}

function rotatedName(path: string, time: Date): string {
  const stamp = time.toISOString().slice(0, -1).replaceAll(':', '-');
  return `${folderOf(path)}/${stem(path)}-${stamp}-size${extensionOf(path)}`;
}

function stem(path: string): string {
  return baseOf(path).slice(0, baseOf(path).length - extensionOf(path).length);
}

function prune({ filePath, fileMaxAge, fileMaxCount }: LogConf, now: number): void {
  const directory = folderOf(filePath);
  const newestFirst = namesInFolder(directory)
    .map((name) => ({ path: `${directory}/${name}`, time: rotationTime(name, filePath) }))
    .filter(({ time }) => !Number.isNaN(time))
    .sort((a, b) => b.time - a.time);
  for (const [index, { path, time }] of newestFirst.entries()) {
    if (index >= fileMaxCount || now - time > fileMaxAge * DAY_MS) platform.unlink(path);
  }
}

/** When a file was rotated, compressed by the original or not; NaN when it is not a rotated file of this log. */
function rotationTime(name: string, path: string): number {
  const prefix = `${stem(path)}-`;
  const stamp = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})-\w+/.exec(name.slice(prefix.length));
  if (stamp === null || !name.startsWith(prefix) || !name.includes(extensionOf(path))) return Number.NaN;
  return Date.parse(`${stamp[1]}${stamp[2]}:${stamp[3]}:${stamp[4]}Z`);
}
