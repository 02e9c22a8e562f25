/**
 * Starts the project's commands in a clone with nothing installed. Needs only Node >= 20.19 and npm, hence plain
 * JavaScript.
 * Installs the npm packages if they are missing or differ from package-lock.json, then starts the command in Node, which
 * runs TypeScript with the help of build/typescript.mjs.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, '.cache/npm-ci.pid');
const BUNDLER = join(ROOT, 'node_modules/@rolldown/');

const PROGRAMS = {
  bench: 'test/bench/bench.ts',
  build: 'build/compile.ts',
  check: 'build/check.ts',
  cluster: 'test/cluster/cluster.ts',
  cni: 'build/cni.ts',
  codec: 'build/rpc-codec.ts',
  crates: 'build/crates.ts',
  demo: 'build/demo.ts',
  faults: 'test/faults/faults.ts',
  fuzz: 'test/fuzz/main.ts',
  host: 'build/host-checks.ts',
  image: 'build/image.ts',
  mutate: 'test/mutation/mutate.ts',
  record: 'test/interop/kubernetes-datastore/recorded/main.ts',
  soak: 'test/soak/soak.ts',
  test: 'build/test.ts',
};

function readPackages(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

/** Whether node_modules matches package-lock.json. npm omits optional packages of other platforms. */
function isInstalled() {
  const installed = readPackages('node_modules/.package-lock.json');
  const wanted = Object.entries(readPackages('package-lock.json'));
  const same = ([path, { version, optional }]) =>
    path === '' || installed[path]?.version === version || (optional && installed[path] === undefined);
  return installed !== undefined && hasBundler() && wanted.every(same);
}

/** Runs a program to its end and forwards our signals. Returns its exit status, or 128 + n after signal n. */
function run(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two commands started at once in a fresh clone must not both fill node_modules. */
async function takeLock() {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (;;) {
    try {
      return writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(existsSync(LOCK) && readFileSync(LOCK, 'utf8'));
    if (holder > 0 && !isAlive(holder)) rmSync(LOCK, { force: true });
    await sleep(200);
  }
}

async function install() {
  await takeLock();
  try {
    if (isInstalled()) return;
    console.error('Installing npm packages (npm ci --ignore-scripts) …');
    const status = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', ROOT]);
    if (status !== 0) throw new Error(`npm ci failed with status ${status}`);
    if (!hasBundler()) throw new Error(`npm omitted ${BUNDLER}binding-*: optional packages are required`);
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** Whether the bundler's native part for this machine is there: an optional package. */
function hasBundler() {
  return existsSync(BUNDLER) && readdirSync(BUNDLER).some((name) => name.startsWith('binding-'));
}

const [name = '', ...args] = process.argv.slice(2);
const program = PROGRAMS[name];
try {
  if (program === undefined) throw new Error(`Unknown command "${name}": one of ${Object.keys(PROGRAMS).join(', ')}`);
  if (!isInstalled()) await install();
  const typescript = pathToFileURL(join(ROOT, 'build/typescript.mjs')).href;
  process.exitCode = await run(process.execPath, [
    '--import',
    typescript,
    '--enable-source-maps',
    join(ROOT, program),
    ...args,
  ]);
} catch (error) {
  console.error(`npm run ${name}: ${error.message}`);
  process.exitCode = 1;
}
