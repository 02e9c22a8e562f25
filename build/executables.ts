import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle, type Chunk, sizes } from './bundle.ts';
import { fingerprint } from './fingerprint.ts';
import { findHost } from './host-program.ts';
import { billOfMaterials, notices } from './notices.ts';
import { DIST, inWorkFolder, ROOT, settle } from './places.ts';
import { say } from './say.ts';
import { nativeTarget, type Target } from './targets.ts';

/** The names of the executable, all hard links to one file. */
export const NAMES = ['calico', 'calico-ipam', 'calicoctl', 'calico-install'];
const SOURCES = ['package.json', 'package-lock.json', 'build', 'ctl', 'ipam', 'node', 'plugins', 'shared'];
const STAMP = '.built-from';

/** The directory of a target's executables: dist for this machine, dist/TARGET for others. */
export const folderOf = (target: Target) => (target === nativeTarget() ? DIST : join(DIST, target.name));

/** Builds the executables for a target unless those in dist are up to date. */
export async function build(target: Target = nativeTarget()): Promise<void> {
  const folder = folderOf(target);
  const host = await findHost(target);
  const stamp = fingerprint(ROOT, SOURCES, readFileSync(host));
  if (isBuiltFrom(folder, stamp)) return;
  say(`Building ${folder.slice(ROOT.length + 1)}/calico …`);
  await inWorkFolder(async (work) => {
    const chunks = await bundle(work);
    await pack(work, chunks, join(work, 'calico'), host);
    for (const name of NAMES.slice(1)) linkSync(join(work, 'calico'), join(work, name));
    writeTexts(work, chunks);
    writeFileSync(join(work, STAMP), stamp);
    mkdirSync(folder, { recursive: true });
    for (const name of finished(work)) settle(join(work, name), join(folder, name));
    const megabytes = (statSync(join(folder, 'calico')).size / 1e6).toFixed(1);
    for (const one of chunks) say(`Chunk ${sizes(one)}`);
    say(`Executable ${megabytes} MB`);
  }, DIST);
}

/** Appends a bundle in `folder`, compiled to bytecode, to a copy of the host. The first file is the main one. */
export async function pack(folder: string, chunks: readonly Chunk[], executable: string, host: string): Promise<void> {
  // Bytecode is the same for both processors, so this machine's host can make it for the other.
  const files = chunks.map(({ file }) => file);
  await execa(await findHost(), ['pack', host, executable, ...files], { cwd: folder });
}

/** Everything to be moved to dist. The stamp comes last, because it marks the others as complete. */
const finished = (work: string) => [...readdirSync(work).filter((name) => !name.startsWith('.')), STAMP];

function isBuiltFrom(folder: string, stamp: string): boolean {
  const file = join(folder, STAMP);
  const complete = NAMES.every((name) => existsSync(join(folder, name)));
  return complete && existsSync(file) && readFileSync(file, 'utf8') === stamp;
}

function writeTexts(work: string, chunks: readonly Chunk[]): void {
  writeFileSync(join(work, 'THIRD-PARTY-NOTICES.txt'), notices(chunks));
  writeFileSync(join(work, 'sbom.json'), `${JSON.stringify(billOfMaterials(chunks), undefined, 2)}\n`);
}
