import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
/** Every source of the product: paths from the root. */
export const SOURCES = ['plugins', 'ipam', 'ctl', 'node', 'shared']
  .flatMap(filesUnder)
  .filter((path) => path.endsWith('.ts'));

/** The files of a folder and its subfolders. */
export function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

export const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The source without comments and the content of strings. */
export const code = (path: string): string =>
  text(path)
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");

/** What a file imports, including types: paths from the root, packages and node: modules by name. */
export function importsOf(path: string): string[] {
  const found = text(path).matchAll(/^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map(([, fixed, lazy]) => {
    const name = fixed ?? lazy ?? '';
    return name.startsWith('.') ? normalize(join(dirname(path), name)) : name;
  });
}
