import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { unpackedPackage } from '../debian.ts';
import { type Together, unpackedTogether } from '../debian-together.ts';
import { onPath } from '../on-path.ts';
import { CACHE } from '../places.ts';
import { nativeTarget, type Target } from '../targets.ts';
import { script } from './script.ts';

/**
 * The C compiler for the crates that contain C, as variables for cargo: the machine's, else Debian's unpacked into .cache. It is
 * put before `path`.
 */
export async function cCompiler(
  target: Target,
  triple: string,
  path = process.env['PATH'] ?? '',
): Promise<Readonly<Record<string, string>>> {
  const folder = join(CACHE, `c-compiler-${target.name}`);
  mkdirSync(folder, { recursive: true });
  // Programs that run while building are linked with `cc`.
  if (onPath('cc') === undefined) wrap(folder, ['cc', 'ar'], await unpackedTogether(['gcc', 'libc6-dev']));
  const name = triple.replaceAll('-', '_');
  const env = { PATH: `${folder}:${path}` };
  if (!triple.endsWith('-musl')) return env;
  const ready = onPath(`${target.cpu}-linux-musl-gcc`) ?? (target === nativeTarget() ? onPath('musl-gcc') : undefined);
  if (ready !== undefined) return { ...env, [`CC_${name}`]: ready, ...linker(target, triple, ready) };
  const compiler = await compilerFor(target, folder);
  return { ...env, [`CC_${name}`]: await withMusl(compiler, target, folder), ...linker(target, triple, compiler) };
}

/** Another processor's programs are linked by its compiler. Rust brings the C library. */
const linker = (target: Target, triple: string, compiler: string): Readonly<Record<string, string>> =>
  target === nativeTarget() ? {} : { [`CARGO_TARGET_${triple.toUpperCase().replaceAll('-', '_')}_LINKER`]: compiler };

/** A C compiler for the processor, whatever its C library. */
async function compilerFor(target: Target, folder: string): Promise<string> {
  if (target === nativeTarget()) return onPath('cc') ?? join(folder, 'cc');
  const name = `${target.cpu}-linux-gnu-gcc`;
  const here = onPath(name);
  if (here !== undefined) return here;
  wrap(folder, [name], await unpackedTogether([`gcc-${target.cpu.replace('_', '-')}-linux-gnu`]));
  return join(folder, name);
}

/** The compiler with musl's headers instead of its own C library's. */
async function withMusl(compiler: string, target: Target, folder: string): Promise<string> {
  const musl = await unpackedPackage('musl-dev', target.debian);
  const { stdout } = await execa(compiler, ['-print-file-name=include']);
  const headers = [join(musl, `usr/include/${target.cpu}-linux-musl`), stdout.trim()];
  const include = headers.map((one) => `-isystem ${one}`).join(' ');
  return script(join(folder, 'musl-cc'), `exec ${compiler} -nostdinc ${include} "$@"`);
}

/** Makes unpacked programs find what belongs to them. */
function wrap(folder: string, names: readonly string[], { root, programs, libraries }: Together): void {
  for (const name of names) {
    const program = [name, name === 'cc' ? 'gcc' : name].map((one) => join(programs, one)).find(existsSync) ?? '';
    const place = /gcc$|cc$/.test(name) ? ` -B${programs}/ --sysroot=${root}` : '';
    script(join(folder, name), `LD_LIBRARY_PATH=${libraries} exec ${program}${place} "$@"`);
  }
}
