import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a program of the tests' into a new folder, for the native host. Returns its file. */
export async function nativeProgram(entry: string): Promise<string> {
  const name = basename(entry, '.ts');
  const outfile = join(mkdtempSync(join(tmpdir(), `${name}-`)), `${name}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'neutral',
    conditions: ['native'],
    mainFields: ['module', 'main'],
    format: 'esm',
  });
  return outfile;
}
