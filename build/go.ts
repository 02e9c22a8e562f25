import { join } from 'node:path';
import { execa } from 'execa';
import { goToolchain } from './go-toolchain.ts';
import { onPath } from './on-path.ts';
import { inWorkFolder, settle } from './places.ts';
import { reasonOf, say } from './say.ts';

/** What the newest module that is built here requires. */
const OLDEST = 24;

/** The installed Go if it is new enough, else a pinned one. Undefined, with the reason printed, if it cannot be fetched. */
export async function findGo(): Promise<string | undefined> {
  const installed = onPath('go');
  if (installed !== undefined && (await minorVersion(installed)) >= OLDEST) return installed;
  return goToolchain().catch(printReason);
}

/** 26 for go1.26.8; 0 for one that cannot be run. */
async function minorVersion(go: string): Promise<number> {
  const { stdout } = await execa(go, ['version'], { env: { GOTOOLCHAIN: 'local' }, reject: false });
  return Number(/\bgo1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

function printReason(error: unknown): undefined {
  say(`Go 1.${OLDEST} or newer is not installed and cannot be fetched: ${reasonOf(error)}`);
}

/**
 * Builds programs of one module and version into the directory `place`. Returns whether that worked.
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
