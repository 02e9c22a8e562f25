import { directory, equal, shell, test, throws } from './check.mjs';

const host = calicoHost;
const [RDWR_CREAT, EX, NB, UN] = [0o102, 2, 4, 8];

function two(body) {
  const path = `${directory()}/lock`;
  const fds = [host.open(path, RDWR_CREAT, 0o600), host.open(path, RDWR_CREAT, 0o600)];
  body(...fds);
  for (const fd of fds) host.close(fd);
}

test('flock excludes another open file', () =>
  two((one, other) => {
    equal([host.flock(one, EX | NB), host.flock(other, EX | NB)], [true, false]);
    host.flock(one, UN);
    equal(host.flock(other, EX | NB), true);
    throws(() => host.flock(-1, EX), { code: 'EBADF', syscall: 'flock' });
  }));

test('a lock is waited for, but not for ever', () =>
  two((one, other) => {
    equal(host.flockWithin(one, 0), true);
    for (const ms of [0, 0.001, 30]) {
      const began = host.elapsed();
      equal(host.flockWithin(other, ms), false);
      equal(host.elapsed() - began >= ms, true);
    }
    throws(() => host.flockWithin(-1, 10), { code: 'EBADF', syscall: 'flock' });
    throws(() => host.flockWithin(one, -1), { name: 'TypeError' });
  }));

test('a waiting process gets the lock when its holder ends, whatever it was started with', () => {
  const path = `${directory()}/lock`;
  const source = `const h = calicoHost; const fd = h.open('${path}', 0o102, 0o600); const got = h.flockWithin(fd, 20_000);
    h.sleep(30); h.write(1, h.encodeUtf8(String(got))); h.exit(0)`;
  const script = `printf %s "$SOURCE" > "$FOLDER/wait.mjs"; (trap '' ALRM; for i in 1 2 3; do $HOST run "$FOLDER/wait.mjs" & done; wait)`;
  const { stdout } = shell(script, { env: { SOURCE: source, FOLDER: path.slice(0, -5) } });
  equal(stdout, 'truetruetrue');
});

test('a lock is not waited for for ever where a filter of system calls forbids alarms', () => {
  const folder = directory();
  const source = `const h = calicoHost; const [one, other] = [1, 2].map(() => h.open('${folder}/lock', 0o102, 0o600));
    const got = [h.flockWithin(one, 0), h.flockWithin(other, 20)]; h.write(1, h.encodeUtf8(got.join())); h.exit(0)`;
  // setitimer fails with EPERM. The numbers are the machine's, also where the host is emulated.
  const filter = `my ($set, $prctl) = $ENV{MACHINE} eq "aarch64" ? (103, 167) : (38, 157);
    my $filter = pack("SCCL" x 4, 0x20, 0, 0, 0, 0x15, 0, 1, $set, 6, 0, 0, 0x50001, 6, 0, 0, 0x7fff0000);
    syscall($prctl, 38, 1, 0, 0, 0); syscall($prctl, 22, 2, pack("Sx6P", 4, $filter)) == 0 or die "prctl: $!"; exec @ARGV;`;
  const script = `printf %s "$SOURCE" > ${folder}/wait.mjs; MACHINE=$(uname -m) timeout -s KILL 20 perl -e "$FILTER" $HOST run ${folder}/wait.mjs`;
  const { stdout, stderr } = shell(script, { env: { SOURCE: source, FILTER: filter } });
  equal([stdout, stderr], ['true,false', '']);
});

test('range locks are for one byte each', () =>
  two((one, other) => {
    const far = 1n << 62n;
    equal([host.rangeLock(one, 'set', far), host.rangeLock(other, 'set', far)], [true, false]);
    equal([host.isRangeLocked(one, far), host.isRangeLocked(other, far)], [false, true]);
    equal([host.isRangeLocked(other, far + 1n), host.rangeLock(other, 'set', far + 1n)], [false, true]);
    host.rangeLock(one, 'clear', far);
    equal(host.rangeLock(other, 'set', far), true);
    throws(() => host.rangeLock(one, 'take', 0n), { name: 'TypeError' });
    throws(() => host.rangeLock(one, 'set', 0), { name: 'TypeError' });
    equal(host.rangeLock(one, 'set', -5n), undefined);
  }));
