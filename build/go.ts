import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { unpackedPackage } from './debian.ts';
import { onPath } from './on-path.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { say } from './say.ts';

/** The installed Go, else Debian's. Undefined, with the reason printed, if there is neither. */
export async function findGo(): Promise<string | undefined> {
  return onPath('go') ?? (await debianGo().catch(tellWhy));
}

function tellWhy(error: unknown): undefined {
  say(`No Go here, and none from Debian: ${error instanceof Error ? error.message : String(error)}`);
}

/**
 * Builds programs of one module and version into the directory `place`. Returns whether that worked: an old Go cannot
 * build new modules.
 */
export async function installPrograms(
  go: string,
  programs: readonly string[],
  version: string,
  place: string,
): Promise<boolean> {
  return inWorkFolder(async (folder) => {
    const env = {
      GOBIN: join(folder, 'bin'),
      GOPATH: join(folder, 'path'),
      GOCACHE: join(folder, 'cache'),
      GOFLAGS: '-mod=mod -modcacherw',
      GOSUMDB: 'off',
      GOTOOLCHAIN: 'local',
      CGO_ENABLED: '0',
    };
    const words = ['install', '-ldflags', '-s -w', ...programs.map((program) => `${program}@${version}`)];
    const answer = await execa(go, words, { env, reject: false });
    if (answer.exitCode === 0) settle(env.GOBIN, place);
    return answer.exitCode === 0;
  });
}

/** Debian's Go tree, assembled from the packages of the release that the package golang-go points to. */
async function debianGo(): Promise<string> {
  const link = readlinkSync(join(await unpackedPackage('golang-go'), 'usr/bin/go'));
  const version = /go-([\d.]+)/.exec(link)?.[1] ?? '';
  const place = join(CACHE, `go-${version}`);
  const program = join(place, 'usr/lib', `go-${version}`, 'bin/go');
  if (existsSync(program)) return program;
  const parts = [await unpackedPackage(`golang-${version}-go`), await unpackedPackage(`golang-${version}-src`)];
  return inWorkFolder(async (folder) => {
    await execa('cp', ['-al', ...parts.map((part) => join(part, 'usr')), folder]);
    settle(folder, place);
    return program;
  });
}
