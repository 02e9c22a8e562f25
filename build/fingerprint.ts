import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Cargo's own output, where someone runs cargo by hand. */
const OUTPUT = 'target';

/** A hash of files below `root`, by name and content; of a folder all files in it. `more` is hashed first. */
export function fingerprint(root: string, names: readonly string[], more = new Uint8Array()): string {
  const hash = createHash('sha256').update(more);
  for (const name of names) {
    for (const file of filesAt(join(root, name))) hash.update(`/${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesAt(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => name !== OUTPUT);
  return entries.flatMap((entry) => filesAt(join(path, entry.name))).sort();
}
