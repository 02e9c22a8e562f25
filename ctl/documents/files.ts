import { failure } from '../../shared/error/failure.ts';
import { seenFrom } from '../../shared/system/file-name.ts';
import { isLink, namesInFolder, readBytes, statusOf } from '../../shared/system/files.ts';
import type { World } from '../../shared/system/world.ts';
import { exactText } from '../text/utf8.ts';
import { parseWritten } from '../text/yaml.ts';
import { type Given, resourcesOf } from './documents.ts';

interface FileOptions {
  /** Subfolders too. */
  readonly recursive: boolean;
  /** Files without resources are not an error. */
  readonly skipEmpty: boolean;
}

/** The resources in a file, on standard input (`-`), or in a folder's .json, .yaml and .yml files, sorted by name. */
export function readResources(path: string, world: World, options: FileOptions): readonly Given[] {
  if (path === '-') return readOne('standard input', world.stdinBytes(), options);
  const files = filesAt(path, options.recursive);
  if (files.length === 0 && !options.skipEmpty) throw failure(`No resources specified in directory ${path}`);
  return files.flatMap((file) =>
    readOne(
      file,
      reading(file, () => readBytes(file)),
      options,
    ),
  );
}

function readOne(name: string, bytes: Uint8Array, { skipEmpty }: FileOptions): readonly Given[] {
  const found = resourcesOf(parseWritten(name, exactText(name, bytes)));
  if (found.length === 0 && !skipEmpty) throw failure(`No resources specified in file ${name}`);
  return found;
}

function filesAt(path: string, recursive: boolean): readonly string[] {
  if (statusOf(path)?.isFolder !== true) return [path];
  return filesIn(path.replace(/(?<=.)\/+$/, ''), recursive).toSorted();
}

/** Links are not followed: they may lead in a circle. */
function filesIn(folder: string, recursive: boolean): readonly string[] {
  return reading(folder, () => namesInFolder(folder)).flatMap((name) => {
    const path = seenFrom(folder === '/' ? '' : folder, name);
    if (isLink(path)) return [];
    const status = statusOf(path);
    if (status?.isFolder) return recursive ? filesIn(path, recursive) : [];
    return status?.isFile && /\.(?:json|ya?ml)$/.test(name) ? [path] : [];
  });
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw failure(`cannot read ${path}`, thrown instanceof Error ? thrown.message : String(thrown));
  }
}
