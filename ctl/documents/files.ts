import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../shared/error/failure.ts';
import type { World } from '../../shared/system/world.ts';
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
  if (path === '-') return readOne('standard input', world.stdin(), options);
  const files = filesAt(path, options.recursive);
  if (files.length === 0 && !options.skipEmpty) throw failure(`No resources specified in directory ${path}`);
  return files.flatMap((file) =>
    readOne(
      file,
      reading(file, () => readFileSync(file, 'utf8')),
      options,
    ),
  );
}

function readOne(name: string, text: string, { skipEmpty }: FileOptions): readonly Given[] {
  const found = resourcesOf(parseWritten(name, text));
  if (found.length === 0 && !skipEmpty) throw failure(`No resources specified in file ${name}`);
  return found;
}

function filesAt(path: string, recursive: boolean): readonly string[] {
  if (!reading(path, () => statSync(path)).isDirectory()) return [path];
  const entries = reading(path, () => readdirSync(path, { recursive, withFileTypes: true }));
  const files = entries.filter((entry) => entry.isFile() && /\.(?:json|ya?ml)$/.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw failure(`cannot read ${path}`, thrown instanceof Error ? thrown.message : String(thrown));
  }
}
