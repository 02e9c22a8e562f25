import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { CACHE, inWorkFolder, ROOT, settle } from './places.ts';
import { say } from './say.ts';

/** The supported targets: the npm package with Bun's runtime, and the target's name in Bun's compiler. */
export const TARGETS = {
  x64: { name: 'x64', bun: 'bun-linux-x64', compile: 'bun-linux-x64' },
  'x64-baseline': { name: 'x64-baseline', bun: 'bun-linux-x64-baseline', compile: 'bun-linux-x64-baseline' },
  'x64-musl': { name: 'x64-musl', bun: 'bun-linux-x64-musl', compile: 'bun-linux-x64-musl' },
  arm64: { name: 'arm64', bun: 'bun-linux-aarch64', compile: 'bun-linux-arm64' },
  'arm64-musl': { name: 'arm64-musl', bun: 'bun-linux-aarch64-musl', compile: 'bun-linux-arm64-musl' },
} as const;

export type Target = (typeof TARGETS)[keyof typeof TARGETS];

interface Locked {
  readonly version: string;
  readonly integrity: string;
}

const packages: Readonly<Record<string, Locked | undefined>> = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
).packages;

const lockedAs = (bun: string) => packages[`node_modules/@oven/${bun}`];

/** The version of Bun, the same for all targets. */
export const bunVersion: string = lockedAs(TARGETS.x64.bun)?.version ?? '';

/** This machine's target. */
export function nativeTarget(): Target {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const name = `${process.arch}${header?.glibcVersionRuntime === undefined ? '-musl' : ''}`;
  const target = Object.values(TARGETS).find((one) => one.name === name);
  if (target === undefined) throw new Error(`Executables cannot be built for ${name}`);
  return target;
}

/** The runtime for a target: the installed one, else downloaded from the npm registry into .cache. */
export async function runtime(target: Target): Promise<string> {
  const installed = join(ROOT, 'node_modules/@oven', target.bun, 'bin/bun');
  if (existsSync(installed)) return installed;
  const place = join(CACHE, `${target.bun}-${bunVersion}`);
  const program = join(place, 'bin/bun');
  if (existsSync(program)) return program;
  say(`Fetching @oven/${target.bun} ${bunVersion} from the npm registry …`);
  await inWorkFolder(async (folder) => {
    const wanted = `@oven/${target.bun}@${bunVersion}`;
    const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', folder, wanted], { cwd: ROOT });
    const [packed] = JSON.parse(stdout) as { integrity: string }[];
    const locked = lockedAs(target.bun)?.integrity;
    if (locked !== undefined && packed?.integrity !== locked)
      throw new Error(`${wanted} is not the version in package-lock.json`);
    const archive = readdirSync(folder).find((entry) => entry.endsWith('.tgz')) ?? '';
    await execa('tar', ['-xzf', archive], { cwd: folder });
    settle(join(folder, 'package'), place);
  });
  return program;
}
