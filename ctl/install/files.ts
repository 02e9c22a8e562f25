import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { failure } from '../../shared/error/failure.ts';
import { errnoText } from '../../shared/system/errno.ts';
import type { ExecutableFolder, FoundFile } from './findings.ts';

/** SHA-256 of a file's content and of a text. */
export interface Digest {
  file(path: string): string;
  text(text: string): string;
}

/** Reads the state of files. Only the wanted names get a checksum: the others may be large and many. */
export interface Looker {
  files(folder: string, wanted: (name: string) => boolean): readonly FoundFile[];
  one(path: string, name: string): FoundFile;
}

const CHUNK = 1 << 20;

/** Hashing is loaded here, because the plugins in the same executable do not need it. */
export async function digest(): Promise<Digest> {
  const { createHash } = await import('node:crypto');
  return {
    text: (text) => createHash('sha256').update(text).digest('hex'),
    file: (path) => {
      const hash = createHash('sha256');
      const fd = openSync(path, 'r');
      try {
        const chunk = Buffer.allocUnsafe(CHUNK);
        for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk)) hash.update(chunk.subarray(0, got));
      } finally {
        closeSync(fd);
      }
      return hash.digest('hex');
    },
  };
}

/** One checksum for all names of a file. */
export function looker(sums: Digest): Looker {
  const known = new Map<string, string>();
  const one = (path: string, name: string, wanted = true): FoundFile | undefined => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    const inode = `${stat.dev}:${stat.ino}`;
    if (wanted && !known.has(inode))
      known.set(
        inode,
        reading(path, () => sums.file(path)),
      );
    return { path, name, mode: stat.mode & 0o7777, inode, sha256: wanted ? (known.get(inode) ?? '') : '' };
  };
  return {
    one: (path, name) => {
      const found = one(path, name);
      if (found === undefined) throw failure(`cannot read ${path}: it is not a regular file`);
      return found;
    },
    files: (folder, wanted) => namesIn(folder).flatMap((name) => one(`${folder}/${name}`, name, wanted(name)) ?? []),
  };
}

/** Names in a folder, sorted. None if the folder does not exist. */
export function namesIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return reading(folder, () => readdirSync(folder)).toSorted();
}

/** A file's text; '' if it does not exist. */
export function textOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return '';
  return reading(path, () => readFileSync(path, 'utf8'));
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Whether a file or link exists. Below another root a link may lead to something that cannot be seen from here. */
export const isFileOrLink = (path: string): boolean =>
  isFile(path) || lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

/** Whether it is an executable regular file. */
export const isExecutable = (path: string): boolean => isFile(path) && (statSync(path).mode & 0o111) !== 0;

export function stateOf(folder: string): ExecutableFolder['state'] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return 'absent';
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return 'writable';
  } catch {
    return 'readonly';
  }
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw failure(`cannot read ${path}: ${errnoText(thrown)}`, undefined, thrown);
  }
}
