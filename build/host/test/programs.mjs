import { bytes, equal, native, shell, test, text, throws, utf8 } from './check.mjs';

const host = calicoHost;
const BOUNDS = { timeout: 20_000, maxOutput: 1 << 20 };
const sh = (script, options = {}) => host.run('/bin/sh', ['-c', script], { ...BOUNDS, ...options });

test('a program has a status and output', () => {
  const { status, stdout, stderr, signal, errno } = sh('echo out; echo err >&2; exit 3');
  equal([status, text(stdout), text(stderr), signal, errno], [3, 'out\n', 'err\n', undefined, undefined]);
});

test('input is read by the program, however much', () => {
  const input = new Uint8Array(300_000).fill(97);
  equal(host.run('/bin/cat', [], { ...BOUNDS, input }).stdout.length, 300_000);
  equal(sh('cat', { input: bytes() }).stdout, bytes());
  equal(sh('cat').stdout, bytes());
  equal(sh('exec <&-; sleep 0.05; echo done', { input }).status, 0);
});

test('the environment is ours or the one given, whole', () => {
  equal(text(sh('env | grep -c .', { env: {} }).stdout) <= '3', true);
  equal(text(sh('echo $A $B', { env: { A: 'é', B: undefined } }).stdout), 'é\n');
  equal(text(sh('echo $PATH').stdout).trim(), host.env.PATH);
  throws(() => sh('true', { env: { 'A=B': 'x' } }), { name: 'TypeError' });
  throws(() => sh('true', { env: { A: 1 } }), { name: 'TypeError' });
  throws(() => sh('true', { env: { A: 'a\0b' } }), { code: 'EINVAL' });
});

test('arguments arrive as they are', () => {
  equal(text(host.run('/bin/echo', ['a b', '', 'é\uD800'], BOUNDS).stdout), 'a b  é\uFFFD\n');
});

test('a program that cannot be started has an errno', () => {
  equal(host.run('/nonexistent', [], BOUNDS).errno, 'ENOENT');
  equal(host.run('/etc/passwd', [], BOUNDS).errno, 'EACCES');
  equal(host.run('/tmp', [], BOUNDS).errno, 'EACCES');
});

test('a killed program has a signal', () => {
  const { status, signal, errno } = sh('kill -9 $$');
  equal([status, signal, errno], [undefined, 'SIGKILL', undefined]);
});

test('a program that takes too long is killed', () => {
  const begun = host.elapsed();
  const { status, signal, errno, stdout } = host.run('/bin/sh', ['-c', 'echo early; exec sleep 30'], { ...BOUNDS, timeout: 200 });
  equal([status, signal, errno, text(stdout)], [undefined, undefined, 'ETIMEDOUT', 'early\n']);
  equal(host.elapsed() - begun < 10_000, true);
  equal(sh('exec >&- 2>&-; exec sleep 30', { timeout: 200 }).errno, 'ETIMEDOUT');
});

test('a program that says too much is killed', () => {
  equal(host.run('/bin/cat', ['/dev/zero'], { ...BOUNDS, maxOutput: 100_000 }).errno, 'ENOBUFS');
});

test('options are needed', () => {
  for (const options of [undefined, {}, { timeout: 0, maxOutput: 1 }, { timeout: 10, maxOutput: -1 }, { ...BOUNDS, input: 'x' }])
    throws(() => host.run('/bin/true', [], options), { name: 'TypeError' });
  throws(() => host.run('/bin/true', [1], BOUNDS), { name: 'TypeError' });
});

test('a program dies of a broken pipe, of too large a file and of SIGTERM, whatever the host does', () => {
  equal(shell('sh -c "kill -XFSZ \\$\\$; echo alive"').stdout, '');
  equal(shell('sh -c "kill -PIPE \\$\\$; echo alive"').stdout, '');
  host.onSignal('SIGTERM', () => {});
  equal(sh('kill -TERM $$; echo alive').signal, 'SIGTERM');
});

test('a limit on the size of files is an error of the write', () => {
  const file = `/tmp/calico-host-limit-${host.pid}`;
  const program = `try { calicoHost.write(calicoHost.open('${file}', 0o102, 0o600), new Uint8Array(9)); } catch (error) { calicoHost.exit(error.code === 'EFBIG' ? 7 : 8); }`;
  equal(shell(`cat > ${file}.mjs; (ulimit -f 0; $HOST run ${file}.mjs); status=$?; rm ${file} ${file}.mjs; exit $status`, { input: utf8(program) }).status, 7);
});

test('no zombies and no files stay', () => {
  const before = host.readdir('/proc/self/fd').length;
  for (let i = 0; i < 20; i++) {
    sh('true', { input: utf8('x') });
    host.run('/nonexistent', [], BOUNDS);
  }
  equal(host.readdir('/proc/self/fd').length, before);
});

test('a started program runs on its own', async () => {
  const started = host.start('/bin/sh', ['-c', 'sleep 0.1; exit 4']);
  equal([started.status(), started.pid > 1], [undefined, true]);
  while (started.status() === undefined) host.sleep(10);
  equal(started.status(), { exitCode: 4 });
  started.kill(9);
  const killed = host.start('/bin/sleep', ['30']);
  host.kill(killed.pid, 0);
  const [, , , session] = text(sh(`cat /proc/${killed.pid}/stat`).stdout).split(') ')[1].split(' ');
  equal(session, String(killed.pid));
  killed.kill(15);
  while (killed.status() === undefined) host.sleep(5);
  equal(killed.status(), { signal: 'SIGTERM' });
  throws(() => host.start('/nonexistent', []), { code: 'ENOENT', syscall: 'spawn', path: '/nonexistent' });
  throws(() => host.kill(killed.pid, 0), { code: 'ESRCH' });
});

native('what another process sends arrives, and it holds nothing else of ours', () => {
  const [AF_NETLINK, SOCK_RAW, GET_LINKS] = [16, 3, 18];
  const fd = host.socket(AF_NETLINK, SOCK_RAW, 0);
  const request = new Uint8Array(32);
  new DataView(request.buffer).setUint32(0, 32, true);
  new DataView(request.buffer).setUint16(4, GET_LINKS, true);
  new DataView(request.buffer).setUint16(6, 0x301, true);
  const file = host.open('/tmp', 0, 0);
  const sender = host.sendApart(fd, request);
  while (sender.status() === undefined) host.sleep(1);
  equal(sender.status(), { exitCode: 0 });
  equal(host.recv(fd, new Uint8Array(65_536), 0x40) > 32, true);
  host.close(file);
  host.close(fd);
  throws(() => host.sendApart('x', request), { name: 'TypeError' });
});
