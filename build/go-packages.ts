import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { inWorkFolder } from './places.ts';

/** Packages, and the directory with the go.mod and go.sum that set their versions. */
export interface GoPackages {
  readonly module: string;
  readonly packages: readonly string[];
}

/** A finished build. It is removed when `work` has ended. */
export interface GoBuild {
  /** The directory of the programs, named as the last parts of their packages. */
  readonly bin: string;
  /** The directory of a module's sources. */
  sourceOf(module: string): Promise<string>;
}

/** Builds programs, and does something with them. Answers why they could not be built; undefined after success. */
export async function buildPackages(
  go: string,
  { module, packages }: GoPackages,
  work: (build: GoBuild) => Promise<void>,
): Promise<string | undefined> {
  return inWorkFolder(async (folder) => {
    // Go adds missing dependencies to its module file.
    for (const file of ['go.mod', 'go.sum']) cpSync(join(module, file), join(folder, file));
    const env = { GOFLAGS: '-mod=mod -trimpath', GOSUMDB: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
    const run = (...words: readonly string[]) => execa(go, words, { cwd: folder, env, reject: false });
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const answer = await run('build', '-ldflags', '-s -w', '-o', bin, ...packages);
    if (answer.exitCode !== 0) return answer.stderr.split('\n').at(-1) ?? '';
    await work({ bin, sourceOf: async (name) => (await run('list', '-m', '-f', '{{.Dir}}', name)).stdout });
    return undefined;
  });
}
