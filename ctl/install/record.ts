import { parseJsonText, reader } from '../../shared/cni/reader.ts';
import { failure } from '../../shared/error/failure.ts';
import { baseOf, folderOf } from '../../shared/system/file-name.ts';
import { onNode, type Settings } from './settings.ts';

/**
 * What calico-install has put on a node: places, independent of mounts, with the SHA-256 of their content. Two sums while the
 * second replaces the first; ANY for files that others renew.
 */
export type InstallRecord = Readonly<Record<string, readonly string[]>>;

/** Stands for any content. */
export const ANY = '*';

/** Its file. Runtimes do not take this name for a configuration. */
export const recordPath = ({ netFolder }: Pick<Settings, 'netFolder'>): string => `${netFolder}/calico-installed`;

/** The file with NetworkManager's settings for our interfaces. */
export const networkManagerFolder = (settings: Pick<Settings, 'root'>): string =>
  onNode(settings, '/etc/NetworkManager/conf.d');

/** A file's name in a record. */
export function placeOf(settings: Settings, path: string): string {
  if (settings.executableFolders.includes(folderOf(path))) return `executables/${baseOf(path)}`;
  if (path.startsWith(`${settings.netFolder}/`)) return `net/${path.slice(settings.netFolder.length + 1)}`;
  return `NetworkManager/${baseOf(path)}`;
}

/** The paths that a name in a record can stand for. */
export function pathsOf(settings: Settings, place: string): readonly string[] {
  const [, kind, rest] = /^(executables|net|NetworkManager)\/(.+)$/.exec(place) ?? [];
  if (kind === 'net') return [`${settings.netFolder}/${rest}`];
  if (kind === 'NetworkManager') return [`${networkManagerFolder(settings)}/${rest}`];
  return kind === undefined ? [] : settings.executableFolders.map((folder) => `${folder}/${rest}`);
}

/** Reads a record; '' is an empty record. Throws a Failure. */
export function parseRecord(text: string, path: string): InstallRecord {
  if (text === '') return {};
  const refuse = (why: string) =>
    failure(
      `cannot read what was installed here: ${path}: ${why}`,
      'restore this file, or remove it and install again',
    );
  const files = reader(parseJsonText(text, refuse), 'record', refuse).raw('files');
  if (isRecord(files)) return files;
  throw refuse('no list of files');
}

const isPlace = (place: string) => /^(executables|net|NetworkManager)\/[^.]/.test(place) && !place.includes('..');

function isRecord(files: unknown): files is InstallRecord {
  if (typeof files !== 'object' || files === null) return false;
  return Object.entries(files).every(([place, sums]) => isPlace(place) && Array.isArray(sums));
}

export const formatRecord = (version: string, files: InstallRecord): string =>
  `${JSON.stringify({ version, files: Object.fromEntries(Object.entries(files).sort()) }, undefined, 2)}\n`;
