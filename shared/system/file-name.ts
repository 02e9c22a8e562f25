/** The parts of a path, as far as a call needs them: loading node:path costs more than all its uses here. */

/** What comes before the last `/`; `.` when there is none. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash === -1) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}

/** What comes after the last `/`. */
export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** From the last dot of the name on; '' for a name without one, or with one at its beginning only. */
export function extensionOf(path: string): string {
  const name = baseOf(path);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot) : '';
}

/** `path` as seen from `folder`. */
export const seenFrom = (folder: string, path: string): string => (path.startsWith('/') ? path : `${folder}/${path}`);
