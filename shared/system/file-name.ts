/** Functions on paths. */

/** What comes before the last `/`; `.` when there is none. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash === -1) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}

/** What comes after the last `/`. */
export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The name's last dot and what follows; '' for a name without a dot, or with only a leading one. */
export function extensionOf(path: string): string {
  const name = baseOf(path);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot) : '';
}

/** `path` relative to `folder`. */
export const seenFrom = (folder: string, path: string): string => (path.startsWith('/') ? path : `${folder}/${path}`);
