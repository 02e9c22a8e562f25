import { equal, native, shell, test } from './check.mjs';
import { program } from './loop.mjs';

const host = calicoHost;

test('arguments and environment arrive, with U+FFFD for what is not UTF-8', () => {
  const odd = program('say(JSON.stringify([h.argv.slice(1), h.env.ODD, h.env.__proto__, "PATH" in h.env]))', {
    before: `export ODD="$(printf 'x\\377')"; export __proto__=p`,
    args: `a 'b c' "$(printf 'y\\376')"`,
  });
  equal(odd.stdout, '[["a","b c","y\uFFFD"],"x\uFFFD","p",true]');
  equal(program('say(Object.keys(h.env).length)', { before: 'exec env -i \\' }).stdout, '0');
});

test('facts of the process', () => {
  equal([host.pid > 1, host.euid() >= 0, host.hostname().length > 0], [true, true, true]);
  equal(['x64', 'arm64'].includes(host.arch), true);
  equal(host.exists(host.executable()), true);
  equal(host.random(32).length, 32);
  equal(host.encodeHex(host.random(16)) === host.encodeHex(host.random(16)), false);
});

test('closed standard streams stay closed, and their numbers are given to no file', () => {
  const source = `
    const fd = h.open('/etc/hostname', 0, 0);
    const code = (f) => { try { f(); return 'ok' } catch (e) { return e.code } };
    const said = [fd > 2, code(() => h.read(0, new Uint8Array(1))), code(() => h.write(2, new Uint8Array(1)))];
    const out = h.open('/tmp/calico-host-closed', 0o1101, 0o600);
    h.write(out, h.encodeUtf8(said.join(' ') + ' ' + code(() => h.write(1, new Uint8Array(1)))));
    const ran = h.run('/bin/echo', ['child'], { timeout: 5000, maxOutput: 100 });
    h.write(out, h.encodeUtf8(' ' + h.decodeUtf8(ran.stdout)));
    h.exit(0)`;
  const { status } = program(source, { after: '<&- >&- 2>&-' });
  equal(status, 0);
  equal(shell('cat /tmp/calico-host-closed; rm /tmp/calico-host-closed').stdout, 'true EBADF EBADF EBADF child\n');
});

test('a pipe without a reader is an error, not the end', () => {
  const source = 'h.sleep(100); try { h.write(1, new Uint8Array(1)) } catch (e) { h.write(2, h.encodeUtf8(e.code)) } h.exit(0)';
  equal(program(source, { after: '| true' }).stderr, 'EPIPE');
});

test('a removed working directory does not matter', () => {
  equal(program('say(h.exists("/"))', { before: 'mkdir /tmp/gone-$$; cd /tmp/gone-$$; rmdir /tmp/gone-$$' }).stdout, 'true');
});

native('it works without /proc and /dev', () => {
  const source = `const t = { timeout: 9000, maxOutput: 99 };
    say(h.decodeUtf8(h.run('/bin/echo', ['x'], t).stdout).trim());
    const s = h.start('/bin/true', []); while (!s.status()) h.sleep(1); say(s.status().exitCode); h.exit(0)`;
  const { stdout, status } = program(source, { before: 'exec unshare -m sh -c "mount -t tmpfs none /proc && mount -t tmpfs none /dev || exit 99; \\$*" sh \\' });
  if (status !== 99 && status !== 1) equal(stdout, 'x 0');
});

native('it works with 16 files, 64 MB and no stack to speak of', () => {
  const work = 'const f = (n) => n === 0 ? 0 : 1 + f(n - 1); say(f(100)); say(h.decodeUtf8(h.run("/bin/echo", ["x"], { timeout: 9000, maxOutput: 9 }).stdout))';
  equal(program(work, { before: 'ulimit -n 16; ulimit -v 65536' }).stdout.split(/\s+/), ['100', 'x']);
  for (const kilobytes of [64, 128, 256, 1024, 100_000, 'unlimited'])
    equal(program(work, { before: `ulimit -s ${kilobytes}` }).stdout.split(/\s+/), ['100', 'x']);
});

native('no memory is both writable and executable, and there is one thread', () => {
  const read = (path) => {
    const into = new Uint8Array(1 << 16);
    const fd = host.open(path, 0, 0);
    const count = host.read(fd, into);
    host.close(fd);
    return host.decodeUtf8(into.subarray(0, count));
  };
  equal(/ rwx/.test(read('/proc/self/maps')), false);
  equal(host.readdir('/proc/self/task').length, 1);
});

test('exit takes a status', () => {
  equal(program('h.exit(7)').status, 7);
  equal(program('try { h.exit("x") } catch (e) { say(e.name) }').stdout, 'TypeError');
});
