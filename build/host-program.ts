import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { fingerprint } from './fingerprint.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { cCompiler } from './rust/c-compiler.ts';
import { CRATE, findRust } from './rust/find.ts';
import { say } from './say.ts';
import { nativeTarget, type Target } from './targets.ts';

const NAME = 'calico-host';
const SOURCES = ['.cargo/config.toml', 'Cargo.lock', 'Cargo.toml', 'src'];

/** The native host that executables are made of, built once for each state of build/host. CALICO_HOST names another one. */
export async function findHost(target: Target = nativeTarget()): Promise<string> {
  const given = process.env['CALICO_HOST'] ?? '';
  if (given !== '' && target === nativeTarget()) return given;
  const place = join(CACHE, 'host', `${fingerprint(CRATE, SOURCES).slice(0, 16)}-${target.name}`);
  const program = join(place, NAME);
  if (!existsSync(program)) await build(target, place);
  return program;
}

async function build(target: Target, place: string): Promise<void> {
  const { cargo, env: ofRust, triple } = await findRust(target);
  const env = { ...ofRust, ...(await cCompiler(target, triple, ofRust['PATH'])) };
  say(`Building the native host for ${triple} …`);
  await inWorkFolder(async (folder) => {
    const built = join(CACHE, 'host/cargo');
    const words = ['build', '--release', '--locked', '--quiet', '--target', triple];
    await execa(cargo, words, { cwd: CRATE, env: { ...env, CARGO_TARGET_DIR: built }, stdio: ['ignore', 2, 2] });
    mkdirSync(join(folder, 'made'));
    copyFileSync(join(built, triple, 'release', NAME), join(folder, 'made', NAME));
    settle(join(folder, 'made'), place);
  });
}
