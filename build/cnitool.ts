import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { unpackedPackage } from './debian.ts';
import { onPath } from './on-path.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { say } from './say.ts';

const MODULE = 'github.com/containernetworking/cni';
/** Newest first: an older Go cannot build the newest. */
const VERSIONS = ['v1.3.1', 'v1.3.0', 'v1.2.3', 'v1.1.2'];
const FOLDER = join(CACHE, 'cnitool');

/** The reference runtime's command, built with the Go that is here, else with Debian's; undefined where neither works. */
export async function findCnitool(): Promise<string | undefined> {
  const there = existsSync(FOLDER) ? readdirSync(FOLDER)[0] : undefined;
  if (there !== undefined) return join(FOLDER, there, 'cnitool');
  const go = onPath('go') ?? (await debianGo().catch(tellWhy));
  const built = go === undefined ? undefined : await build(go);
  if (built === undefined) say('cnitool cannot be built here: its tests are skipped');
  return built;
}

function tellWhy(error: unknown): undefined {
  say(`No Go here, and none from Debian: ${error instanceof Error ? error.message : String(error)}`);
}

async function build(go: string): Promise<string | undefined> {
  for (const version of VERSIONS) {
    say(`Building cnitool ${version} with ${go} …`);
    const place = await inWorkFolder((folder) => installModule(go, version, folder));
    if (place !== undefined) return place;
  }
  return undefined;
}

async function installModule(go: string, version: string, folder: string): Promise<string | undefined> {
  const env = {
    GOBIN: join(folder, 'bin'),
    GOPATH: join(folder, 'path'),
    GOCACHE: join(folder, 'cache'),
    GOFLAGS: '-mod=mod -modcacherw',
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  };
  const answer = await execa(go, ['install', `${MODULE}/cnitool@${version}`], { env, reject: false });
  if (answer.exitCode !== 0) return undefined;
  settle(env.GOBIN, join(FOLDER, version));
  return join(FOLDER, version, 'cnitool');
}

/** Debian's Go: its tree, put together from the packages of the release that the package golang-go links to. */
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
