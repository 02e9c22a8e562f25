import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHost } from '../../build/host-program.ts';
import { ROOT } from '../../build/places.ts';
import type { Draw } from './draw.ts';

const SCRIPTS = join(ROOT, 'build/host/test');
/** Of some twenty calls each. */
const CASES = 20;
const LIMIT_MS = 15_000;

/** The program is nobody, with its own network and processes, so that no call does harm. This takes root. */
const ALONE = 'unshare --net --pid --fork --kill-child --mount --mount-proc';
const NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
/** Nobody may not enter a checkout in root's home, so the folder is seen in another place. */
const SCRIPT = `mount --bind . /mnt; cd /mnt; exec ${NOBODY} "$@"`;
/** So that a huge number is an error, and does not take the machine's memory. */
const KILOBYTES = 1 << 20;

/** A process in which every function of the native host is called with hostile arguments: build/host/test/hostile.mjs. */
export async function nativeHost(draw: Draw): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'native-host-'));
  const server = createServer((peer) => answer(peer, draw));
  try {
    const socket = join(folder, 'server');
    await new Promise<void>((resolve) => void server.listen(socket, resolve));
    await copyProgram(join(folder, 'program'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), '');
    for (const path of [folder, socket]) chmodSync(path, 0o777);
    const script = './program/hostile.mjs';
    await run(['./program/host', 'run', script, `${draw.below(2 ** 31)}`, '0', `${CASES}`, './server'], folder);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function copyProgram(folder: string): Promise<void> {
  mkdirSync(folder);
  copyFileSync(await findHost(), join(folder, 'host'));
  for (const part of ['hostile.mjs', 'hostile']) cpSync(join(SCRIPTS, part), join(folder, part), { recursive: true });
}

/** Throws unless the program ends by itself and says how many calls it made. */
async function run(command: readonly string[], folder: string): Promise<void> {
  const script = `ulimit -v ${KILOBYTES}; exec ${ALONE} sh -ec '${SCRIPT}' sh "$@"`;
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => void pieces.push(`${text}`));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [status, signal] = await once(child, 'close');
  clearTimeout(timer);
  const said = pieces.join('');
  if (status === 0 && /\d+ calls$/m.test(said)) return;
  const file = join(folder, 'case');
  const at = existsSync(file) ? readFileSync(file, 'utf8') : 'none';
  throw new Error(`${command.join(' ')}: ended with ${signal ?? status} in case ${at}: ${said}`);
}

/** A server that keeps no promise. */
function answer(peer: Socket, draw: Draw): void {
  peer.on('error', () => undefined);
  const manners: readonly [() => unknown, ...(() => unknown)[]] = [
    () => peer.destroy(),
    () => peer.end(Buffer.alloc(draw.below(3000), 22)),
    () => peer.on('data', (bytes) => peer.write(bytes)),
    () => peer.write(Buffer.from([22, 3, 3, 0, 2, 2, 40])),
  ];
  draw.pick(manners)();
}
