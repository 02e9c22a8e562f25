import { bytes, directory, equal, shell, test, text, throws, utf8 } from './check.mjs';

const host = calicoHost;
const [RDONLY, WRONLY, RDWR, CREAT, EXCL, TRUNC, DIRECTORY, NOFOLLOW] = [0, 1, 2, 0o100, 0o200, 0o1000, 0x10000, 0x20000];

function write(path, content) {
  const fd = host.open(path, WRONLY | CREAT | TRUNC, 0o644);
  host.write(fd, utf8(content));
  host.close(fd);
}

function symlink(target, path) {
  equal(shell(`ln -s ${target} ${path}`).status, 0);
}

function read(path) {
  const fd = host.open(path, RDONLY, 0);
  const into = new Uint8Array(1000);
  const count = host.read(fd, into);
  host.close(fd);
  return text(into.subarray(0, count));
}

test('a file is written and read', () => {
  const path = `${directory()}/é😀`;
  write(path, 'content');
  equal(read(path), 'content');
  equal(host.exists(path), true);
  equal(host.exists(`${path}x`), false);
  equal(host.isWritable(path.slice(0, path.lastIndexOf('/'))), true);
  equal(host.isWritable(`${path}x`), false);
});

test('errors have code, number, call and path', () => {
  const path = '/nonexistent/x';
  const missing = { code: 'ENOENT', errno: 2, path, name: 'Error' };
  throws(() => host.open(path, 0, 0), {
    ...missing,
    syscall: 'open',
    message: "ENOENT: no such file or directory, open '/nonexistent/x'",
  });
  throws(() => host.readdir(path), { ...missing, syscall: 'scandir' });
  throws(() => host.unlink(path), { ...missing, syscall: 'unlink' });
  throws(() => host.realpath(path), { ...missing, syscall: 'realpath' });
  throws(() => host.fileSystem(path), { ...missing, syscall: 'statfs' });
  throws(() => host.chmod(path, 0o600), { ...missing, syscall: 'chmod' });
  throws(() => host.rename(path, '/y'), {
    ...missing,
    message: "ENOENT: no such file or directory, rename '/nonexistent/x' -> '/y'",
  });
  throws(() => host.read(-1, bytes(0)), { code: 'EBADF', message: 'EBADF: bad file descriptor, read' });
  throws(() => host.close(-1), { code: 'EBADF' });
});

test('a long path keeps its whole text in the error', () => {
  const path = `/nonexistent/${'x'.repeat(400)}/`;
  const error = throws(() => host.open(path.repeat(3), 0, 0), {});
  equal(error.message.includes(path.repeat(3)), true);
});

test('flags of open', () => {
  const place = directory();
  write(`${place}/f`, 'x');
  symlink('f', `${place}/l`);
  throws(() => host.open(`${place}/f`, RDONLY | DIRECTORY, 0), { code: 'ENOTDIR' });
  throws(() => host.open(`${place}/l`, RDONLY | NOFOLLOW, 0), { code: 'ELOOP' });
  throws(() => host.open(`${place}/f`, WRONLY | CREAT | EXCL, 0o600), { code: 'EEXIST' });
  host.close(host.open(place, RDONLY | DIRECTORY, 0));
});

test('files are not inherited by programs', () => {
  const fd = host.open('/dev/null', RDONLY, 0);
  equal(shell(`test -e /proc/self/fd/${fd}`).status, 1);
  host.close(fd);
});

test('status of a file, a link, an open file, and none', () => {
  const place = directory();
  write(`${place}/f`, 'abc');
  symlink('f', `${place}/l`);
  host.link(`${place}/f`, `${place}/g`);
  const found = host.status(`${place}/l`);
  equal([found.mode, found.size, found.links], [0o100644, 3n, 2]);
  equal(found.modifiedAt > 1_700_000_000_000_000_000n, true);
  equal(/^\d+:\d+$/.test(found.device), true);
  equal(host.linkStatus(`${place}/l`).mode, 0o120777);
  const fd = host.open(`${place}/g`, RDONLY, 0);
  equal(host.status(fd).inode, found.inode);
  host.close(fd);
  equal([host.status(`${place}/none`), host.status(`${place}/f/x`)], [undefined, undefined]);
  symlink('loop', `${place}/loop`);
  equal([host.status(`${place}/loop`), host.status(`${place}/loop/x`)], [undefined, undefined]);
  equal(host.linkStatus(`${place}/loop`).mode, 0o120777);
  throws(() => host.status(-1), { code: 'EBADF' });
  throws(() => host.status(`/${'x'.repeat(300)}`), { code: 'ENAMETOOLONG' });
});

test('names: list, rename, link, remove', () => {
  const place = directory();
  host.mkdir(`${place}/d`, 0o755);
  write(`${place}/f`, 'x');
  equal(host.readdir(place).sort(), ['d', 'f']);
  host.rename(`${place}/f`, `${place}/d/f`);
  throws(() => host.rmdir(`${place}/d`), { code: 'ENOTEMPTY' });
  symlink('/some/where', `${place}/l`);
  symlink('d', `${place}/m`);
  equal(host.realpath(`${place}/m/f`), `${place}/d/f`);
  host.unlink(`${place}/d/f`);
  host.rmdir(`${place}/d`);
  equal(host.readdir(place).sort(), ['l', 'm']);
  equal(host.fileSystem('/proc'), 0x9fa0);
});

test('names that are not UTF-8 are decoded with U+FFFD', () => {
  const place = directory();
  shell(`touch "${place}/$(printf 'a\\377b')"; mkdir "${place}/$(printf 't\\376')"; ln -s "${place}/$(printf 't\\376')" "${place}/l"`);
  equal(host.readdir(place).sort(), ['a\uFFFDb', 'l', 't\uFFFD']);
  equal(host.realpath(`${place}/l`), `${place}/t\uFFFD`);
});

test('mode', () => {
  const path = `${directory()}/f`;
  write(path, 'abcdef');
  host.chmod(path, 0o4711);
  equal(host.status(path).mode, 0o104711);
  const fd = host.open(path, RDWR, 0);
  host.chmod(fd, 0o600);
  host.fsync(fd);
  equal([host.status(fd).mode, read(path)], [0o100600, 'abcdef']);
  host.close(fd);
});

test('ranges are copied, from /proc as well', () => {
  const place = directory();
  write(`${place}/f`, 'abcdef');
  for (const [source, length, expected] of [
    [`${place}/f`, 4, 'abcd'],
    ['/proc/sys/kernel/ostype', 100, 'Linux\n'],
    ['/dev/zero', 3, '\0\0\0'],
  ]) {
    const [from, to] = [host.open(source, RDONLY, 0), host.open(`${place}/g`, WRONLY | CREAT | TRUNC, 0o600)];
    equal(host.copyRange(from, to, length), expected.length);
    equal(read(`${place}/g`), expected);
    host.close(from);
    host.close(to);
  }
});

test('what is no terminal', () => {
  const fd = host.open('/dev/null', RDONLY, 0);
  equal([host.isTerminal(fd), host.terminalSize(fd), host.isTerminal(-1)], [false, undefined, false]);
  host.close(fd);
});

test('a terminal has a size', () => {
  const file = `${directory()}/t.mjs`;
  write(file, 'const h = calicoHost; h.write(1, h.encodeUtf8(`${h.isTerminal(1)} ${JSON.stringify(h.terminalSize(1))}`)); h.exit(0)');
  const { stdout, status } = shell(`script -qec "stty cols 90 rows 30; $HOST run ${file}" /dev/null`);
  if (status !== 127) equal(stdout.trim(), 'true {"columns":90,"rows":30}');
});
