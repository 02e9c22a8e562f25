// The smallest test runner: `test(name, body)`, `equal`, `throws`; the last line tells how many passed and failed.

const host = calicoHost;
const tests = [];

export function test(name, body) {
  tests.push({ name, body });
}

/** A test whose limits an emulator itself does not meet. */
export const native = (name, body) => EMULATOR === '' && test(name, body);

export function equal(actual, expected) {
  const [got, wanted] = [shown(actual), shown(expected)];
  if (got !== wanted) throw new Error(`got ${got}, expected ${wanted}`);
}

export function throws(body, expected) {
  let thrown;
  try {
    body();
  } catch (error) {
    thrown = error;
  }
  if (thrown === undefined) throw new Error(`nothing was thrown, expected ${shown(expected)}`);
  for (const [key, value] of Object.entries(expected)) equal(thrown[key], value);
  return thrown;
}

/** A directory that is removed at the end of the test. */
export function directory() {
  const path = `/tmp/calico-host-test-${host.pid}-${host.elapsed()}`;
  host.mkdir(path, 0o700);
  cleanups.push(() => host.run('/bin/rm', ['-rf', path], { timeout: 10_000, maxOutput: 1000 }));
  return path;
}

export const bytes = (...values) => Uint8Array.from(values);
export const utf8 = (text) => host.encodeUtf8(text);
export const text = (array) => host.decodeUtf8(array);

/** How executables of this processor are run where it is imitated: `qemu-aarch64-static`. */
export const EMULATOR = host.env.EMULATOR ?? '';

/** Runs a shell script, in which `$HOST` runs this executable, `$FILE`. */
export function shell(script, options = {}) {
  const file = host.executable();
  const env = { ...host.env, EMULATOR, FILE: file, HOST: `${EMULATOR} ${file}`, ...options.env };
  const ran = host.run('/bin/sh', ['-c', script], { timeout: 60_000, maxOutput: 1 << 20, ...options, env });
  return { ...ran, stdout: text(ran.stdout), stderr: text(ran.stderr) };
}

const cleanups = [];

function shown(value) {
  if (value instanceof Uint8Array) return `bytes(${[...value]})`;
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? String(value);
}

function say(line) {
  host.write(1, utf8(`${line}\n`));
}

export async function run(atEnd = () => {}) {
  let failed = 0;
  for (const { name, body } of tests) {
    try {
      await body();
    } catch (error) {
      failed += 1;
      say(`FAILED ${name}: ${error}\n${error.stack ?? ''}`);
    }
    for (const cleanup of cleanups.splice(0)) cleanup();
  }
  atEnd();
  say(`${tests.length - failed} passed, ${failed} failed`);
  host.exit(failed === 0 ? 0 : 1);
}
