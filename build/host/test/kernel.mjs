import { bytes, equal, test, throws } from './check.mjs';

const host = calicoHost;
const [AF_NETLINK, AF_UNIX, SOCK_DGRAM, SOCK_RAW, ROUTE, SOL_SOCKET, SO_RCVBUF] = [16, 1, 2, 3, 0, 1, 8];
const MSG_DONTWAIT = 0x40;

test('netlink answers', () => {
  const fd = host.socket(AF_NETLINK, SOCK_RAW, ROUTE);
  host.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes(0, 0, 1, 0));
  // RTM_GETLINK of the first interface.
  const request = new Uint8Array(32);
  new DataView(request.buffer).setUint32(0, 32, true);
  new DataView(request.buffer).setUint16(4, 18, true);
  new DataView(request.buffer).setUint16(6, 1, true);
  new DataView(request.buffer).setInt32(20, 1, true);
  equal(host.send(fd, request, 0), 32);
  const answer = new Uint8Array(8192);
  const length = host.recv(fd, answer, 0);
  equal(length > 32 && new DataView(answer.buffer).getUint16(4, true) === 16, true);
  throws(() => host.recv(fd, answer, MSG_DONTWAIT), { code: 'EAGAIN', syscall: 'recv' });
  host.close(fd);
});

test('wrong calls tell their errors', () => {
  throws(() => host.socket(AF_NETLINK, 4, 0), { code: 'ESOCKTNOSUPPORT', syscall: 'socket' });
  throws(() => host.setns(-1, 0), { code: 'EBADF', syscall: 'setns' });
  const fd = host.socket(AF_UNIX, SOCK_DGRAM, 0);
  throws(() => host.send(fd, bytes(1), 0), { code: 'ENOTCONN' });
  throws(() => host.setsockopt(fd, SOL_SOCKET, 9999, bytes(0, 0, 0, 0)), { code: 'ENOPROTOOPT' });
  host.close(fd);
});

test('its own network namespace can be entered', () => {
  const fd = host.open('/proc/self/ns/net', 0, 0);
  host.setns(fd, 0x40000000);
  throws(() => host.setns(fd, 0x20000), { code: 'EINVAL' });
  host.close(fd);
});
