import { namesInFolder, statusOf } from '../../shared/system/files.ts';

/** What a file looks like from outside: different after every replacement and every write; '' when it cannot be seen. */
export function markOf(path: string): string {
  try {
    const status = statusOf(path);
    if (status === undefined) return '';
    if (status.isFolder) return namesInFolder(path).toSorted().join('/');
    return `${status.identity} ${status.size} ${status.writtenAt} ${status.mode}`;
  } catch {
    return '';
  }
}

/** The marks of files and folders. */
export const marksOf = (paths: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path) => [path, markOf(path)]));
