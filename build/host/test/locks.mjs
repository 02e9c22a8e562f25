import { directory, equal, test, throws } from './check.mjs';

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
