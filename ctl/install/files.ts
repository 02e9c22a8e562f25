import { platform } from '#platform';
import { sha256 } from '../../shared/bytes/hash.ts';
import { hex } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import { errnoText } from '../../shared/system/errno.ts';
import { closeFile, isLink, namesInFolder, Open, openFile, readText, statusOf } from '../../shared/system/files.ts';
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

export const digest = (): Digest => ({
  text: sha256,
  file(path) {
    const fd = openFile(path, Open.read);
    try {
      return hex(platform.hashFile('sha256', fd));
    } finally {
      closeFile(fd);
    }
  },
});

/** One checksum for all names of a file. */
export function looker(sums: Digest): Looker {
  const known = new Map<string, string>();
  const one = (path: string, name: string, wanted = true): FoundFile | undefined => {
    const status = statusOf(path);
    if (status?.isFile !== true) return undefined;
    const { mode, identity: inode } = status;
    if (wanted && !known.has(inode))
      known.set(
        inode,
        reading(path, () => sums.file(path)),
      );
    return { path, name, mode, inode, sha256: wanted ? (known.get(inode) ?? '') : '' };
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
  if (statusOf(folder)?.isFolder !== true) return [];
  return reading(folder, () => namesInFolder(folder)).toSorted();
}

/** A file's text; '' if it does not exist. */
export function textOf(path: string): string {
  if (!isFile(path)) return '';
  return reading(path, () => readText(path));
}

const isFile = (path: string): boolean => statusOf(path)?.isFile === true;

/** Whether there is a file, or a link, which below another root may lead to what is not seen from here. */
export const isFileOrLink = (path: string): boolean => isFile(path) || isLink(path);

/** Whether a regular file may be run. */
export function isExecutable(path: string): boolean {
  const status = statusOf(path);
  return status?.isFile === true && (status.mode & 0o111) !== 0;
}

export function stateOf(folder: string): ExecutableFolder['state'] {
  if (statusOf(folder)?.isFolder !== true) return 'absent';
  return platform.isWritable(folder) ? 'writable' : 'readonly';
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw failure(`cannot read ${path}: ${errnoText(thrown)}`, undefined, thrown);
  }
}
