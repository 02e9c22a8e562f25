import { addressBytes } from '../net/address.ts';
import { anyLibc, type Libc } from '../system/libc.ts';
import { sleep } from '../system/pause.ts';

const [IPV4, IPV6] = [2, 10];
const STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const CONNECT = process.arch === 'arm64' ? 203 : 42;
/** In progress: the kernel gives the outcome when asked again. */
const UNDER_WAY = [114, 115];
const NAMES: Readonly<Record<number, string>> = {
  101: 'ENETUNREACH',
  110: 'ETIMEDOUT',
  111: 'ECONNREFUSED',
  113: 'EHOSTUNREACH',
};
const REFUSED = 'ECONNREFUSED';
const STEP_MS = 10;
/** The kernel looks for a silent neighbour for three seconds; one that refuses answers at once. */
const NEIGHBOUR_MS = 900;

/**
 * Why the kernel cannot connect to a host, which took `spent` milliseconds the first time: the runtime's own sockets report
 * ECONNREFUSED for an unreachable host or network, too. Tries once more, for as long again, but 300 ms at most.
 */
export async function connectErrno(host: string, port: number, spent: number): Promise<string> {
  const c = anyLibc();
  const where = c && socketAddress(await addressOf(host), port);
  if (c === undefined || where === undefined) return REFUSED;
  const fd = c.socket(where.length === 16 ? IPV4 : IPV6, STREAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) return REFUSED;
  try {
    const errno = await outcome(() => tryOnce(c, fd, where), Math.min(spent + 100, 300));
    if (errno !== undefined) return NAMES[errno] ?? REFUSED;
    return spent > NEIGHBOUR_MS ? 'EHOSTUNREACH' : REFUSED;
  } finally {
    c.close(fd);
  }
}

/** The outcome of connecting as an errno, 0 for success; undefined when it takes longer than `limit` milliseconds. */
async function outcome(connect: () => number, limit: number): Promise<number | undefined> {
  const until = performance.now() + limit;
  for (;;) {
    const errno = connect();
    if (!UNDER_WAY.includes(errno)) return errno;
    if (performance.now() > until) return undefined;
    await sleep(STEP_MS);
  }
}

const tryOnce = (c: Libc, fd: number, where: Uint8Array): number =>
  c.syscall(CONNECT, fd, where, where.length, 0, where) === 0 ? 0 : c.errno();

/** The bytes of a host's address; empty when it has none. */
async function addressOf(host: string): Promise<Uint8Array> {
  const { lookup } = await import('node:dns/promises');
  return lookup(host).then(
    ({ address }) => addressBytes(address),
    () => new Uint8Array(),
  );
}

/** struct sockaddr_in or sockaddr_in6; undefined without an address. */
function socketAddress(address: Uint8Array, port: number): Uint8Array | undefined {
  if (address.length === 0) return undefined;
  const isIpv4 = address.length === 4;
  const bytes = new Uint8Array(isIpv4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isIpv4 ? IPV4 : IPV6, true);
  view.setUint16(2, port);
  bytes.set(address, isIpv4 ? 4 : 8);
  return bytes;
}
