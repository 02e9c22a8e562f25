import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { say } from './say.ts';

const FOLDER = join(CACHE, 'debian');

/**
 * Our own package lists, for use if the machine's are empty or stale. The machine stays unchanged, and root is not
 * needed.
 */
let ownLists: Promise<readonly string[]> | undefined;

/** The contents of a Debian or Ubuntu package, unpacked under .cache/debian/NAME_VERSION_ARCH. Nothing is installed. */
export async function unpackedPackage(name: string): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const there = readdirSync(FOLDER).find((entry) => entry.startsWith(`${name}_`));
  if (there !== undefined) return join(FOLDER, there);
  say(`Fetching Debian package ${name} …`);
  return inWorkFolder(async (folder) => {
    const archive = await download(name, folder);
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
async function download(name: string, folder: string): Promise<string> {
  const attempt = (options: readonly string[]) =>
    execa('apt-get', [...options, '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: folder, reject: false });
  let answer = await attempt([]);
  if (answer.exitCode !== 0) {
    ownLists ??= fetchLists();
    answer = await attempt(await ownLists);
  }
  const archive = readdirSync(folder).find((entry) => entry.endsWith('.deb'));
  if (answer.exitCode === 0 && archive !== undefined) return archive;
  throw new Error(`Cannot fetch Debian package ${name}: ${answer.stderr.trim()}`);
}

async function fetchLists(): Promise<readonly string[]> {
  say('The package lists of this machine are empty or stale: fetching current ones into .cache (apt-get update) …');
  const folder = join(CACHE, `apt-${process.pid}`);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'cache/archives/partial'), { recursive: true });
  const options = ['-o', `Dir::State::lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`];
  await execa('apt-get', [...options, '-o', 'APT::Sandbox::User=root', 'update']);
  return options;
}
