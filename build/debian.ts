import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { say } from './say.ts';
import { nativeTarget } from './targets.ts';

const FOLDER = join(CACHE, 'debian');

/**
 * Our own package lists by processor, for use if the machine's are empty or stale, or are for another processor. The machine
 * stays unchanged, and root is not needed.
 */
const ownLists = new Map<string, Promise<readonly string[]>>();

/**
 * The contents of a Debian or Ubuntu package, unpacked under .cache/debian/NAME_VERSION_ARCH. Nothing is installed. `processor`:
 * another one than this machine's, as Debian calls it.
 */
export async function unpackedPackage(name: string, processor: string = nativeTarget().debian): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const isIt = (entry: string) => entry.startsWith(`${name}_`) && /_all$/.test(entry.replace(processor, 'all'));
  const there = readdirSync(FOLDER).find(isIt);
  if (there !== undefined) return join(FOLDER, there);
  say(`Fetching Debian package ${name} …`);
  return inWorkFolder(async (folder) => {
    const archive = await download(name, folder, processor);
    await execa('dpkg-deb', ['-x', join(folder, archive), join(folder, 'contents')]);
    const place = join(FOLDER, archive.replace(/\.deb$/, ''));
    settle(join(folder, 'contents'), place);
    return place;
  });
}

/** An unpacked package's directory of shared libraries: /usr/lib/TRIPLET, or /lib/TRIPLET in some packages. */
export function librariesOf(root: string): string {
  for (const lib of ['usr/lib', 'lib']) {
    const folder = join(root, lib);
    const triplet = existsSync(folder) ? readdirSync(folder).find((name) => name.includes('-linux-gnu')) : undefined;
    if (triplet !== undefined) return join(folder, triplet);
  }
  throw new Error(`No libraries in ${root}`);
}

/** Whether packages can be downloaded on this machine. */
export async function hasApt(): Promise<boolean> {
  const answers = await Promise.all(
    ['apt-get', 'dpkg-deb'].map((program) => execa(program, ['--version'], { reject: false })),
  );
  return answers.every((answer) => answer.exitCode === 0);
}

/** Downloads into `folder`. Returns the archive's name. */
async function download(name: string, folder: string, processor: string): Promise<string> {
  const answer = await aptGet(['download', name], processor, folder);
  const archive = readdirSync(folder).find((entry) => entry.endsWith('.deb'));
  if (answer.exitCode === 0 && archive !== undefined) return archive;
  throw new Error(`Cannot fetch Debian package ${name}: ${answer.stderr.trim()}`);
}

/** Runs apt-get with the machine's package lists, and once more with our own if that fails. */
export async function aptGet(
  words: readonly string[],
  processor: string = nativeTarget().debian,
  cwd = CACHE,
): Promise<{ readonly exitCode?: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const attempt = (options: readonly string[]) =>
    execa('apt-get', [...options, '-o', 'APT::Sandbox::User=root', ...words], { cwd, reject: false });
  const answer = processor === nativeTarget().debian ? await attempt([]) : undefined;
  if (answer?.exitCode === 0) return answer;
  const lists = ownLists.get(processor) ?? fetchLists(processor);
  ownLists.set(processor, lists);
  return attempt(await lists);
}

async function fetchLists(processor: string): Promise<readonly string[]> {
  say(`Fetching current package lists for ${processor} into .cache (apt-get update) …`);
  const folder = join(CACHE, `apt-${process.pid}-${processor}`);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'cache/archives/partial'), { recursive: true });
  const place = ['-o', `Dir::State::lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`];
  const options = [...place, '-o', `APT::Architecture=${processor}`, '-o', `APT::Architectures=${processor}`];
  await execa('apt-get', [...options, '-o', 'APT::Sandbox::User=root', 'update']);
  return options;
}
