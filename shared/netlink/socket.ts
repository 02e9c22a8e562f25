import { platform } from '#platform';
import { viewOf } from '../bytes/join.ts';
import { failure } from '../error/failure.ts';
import type { Started } from '../platform/programs.ts';
import { closeFile } from '../system/files.ts';
import { Errno, errnoOf, refusalText } from './errno.ts';
import { attributes, decode, encode, Flag, type NetlinkRequest, type Received, readText } from './message.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
/** What of the kernel is spoken with: interfaces and routes, or packet filters. */
const Protocol = { route: 0, netfilter: 12 } as const;
const DONT_WAIT = 0x40;
export const SOL_NETLINK = 270;
/** Options: errors with a text, no copy of a refused request, dumps limited by their filters (linux/netlink.h). */
const OPTIONS = [11, 10, 12];
/** The type of a message that confirms or refuses a request. */
export const ERROR = 2;
const DONE = 3;
const DUMP_INTERRUPTED = 0x10;
/** The kernel never writes more than 32 KB at once. */
const BUFFER = 64 << 10;
/** What is received lies here until it is decoded, at once: one for all sockets, as new memory costs more than a request. */
let buffer: Uint8Array | undefined;
/** How often a listing that changed while it was read is read anew. */
const LISTINGS = 10;

/** The kernel refused a request. */
export class KernelRefused extends Error {
  readonly errno: number;
  /** The kernel's own text, '' if it gave none. */
  readonly hint: string;
  /** Which of several requests was refused, from 0. */
  readonly at: number;

  constructor(errno: number, hint: string, at = 0) {
    super(refusalText(errno));
    this.errno = errno;
    this.hint = hint;
    this.at = at;
  }
}

/** Netlink of the namespace in which this was opened, whatever namespace the caller is in later. */
export interface Netlink {
  /** Sends a request and returns the kernel's answers. Throws KernelRefused. */
  ask(request: NetlinkRequest): readonly Received[];
  readonly channel: Channel;
  close(): void;
}

/** Runs `work` with a netlink socket of the current namespace. */
export function withNetlink<T>(work: (kernel: Netlink) => T, protocol: keyof typeof Protocol = 'route'): T {
  const kernel = openNetlink(protocol);
  try {
    return work(kernel);
  } finally {
    kernel.close();
  }
}

/**
 * Lets a process of its own send a request in the current namespace. It ends when the kernel has carried the request out; what the kernel
 * answers is not known. Throws an Error where no process can be started.
 */
export function sendApart(request: NetlinkRequest): Started {
  const fd = openSocket(Protocol.route);
  try {
    return platform.sendApart(fd, encode(request, 1));
  } finally {
    closeFile(fd);
  }
}

/** Netlink that stays open until it is closed. */
export function openNetlink(protocol: keyof typeof Protocol): Netlink {
  const fd = openSocket(Protocol[protocol]);
  for (const option of OPTIONS) setOption(fd, option);
  buffer ??= new Uint8Array(BUFFER);
  const channel = { fd, buffer };
  let sequence = 0;
  const ask = (request: NetlinkRequest): readonly Received[] => {
    for (let left = LISTINGS; ; left--) {
      const answer = exchange(channel, request, ++sequence);
      if (left === 1 || !answer.some(({ flags }) => (flags & DUMP_INTERRUPTED) !== 0)) return answer;
    }
  };
  return { ask, channel, close: () => closeFile(fd) };
}

function openSocket(protocol: number): number {
  try {
    return platform.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
  } catch (thrown) {
    throw failure(`failed to open a netlink socket: ${refusalText(errnoOf(thrown))}`, undefined, thrown);
  }
}

const ON = Uint8Array.of(1, 0, 0, 0);

/** Options that older kernels do not support are not needed. */
function setOption(fd: number, option: number): void {
  try {
    platform.setsockopt(fd, SOL_NETLINK, option, ON);
  } catch {
    // Errors then have no text, and dumps are longer.
  }
}

/** An open socket, and where its messages are received. */
export interface Channel {
  readonly fd: number;
  readonly buffer: Uint8Array;
}

/** The kernel handles a request before `send` returns, so an answer is there at once, or never comes. */
function exchange(channel: Channel, request: NetlinkRequest, sequence: number): readonly Received[] {
  const { fd } = channel;
  const isDump = (request.flags & Flag.dump) === Flag.dump;
  const bytes = encode(isDump ? request : { ...request, flags: request.flags | Flag.ack }, sequence);
  refusing('netlink: send', () => platform.send(fd, bytes, 0));
  const received: Received[] = [];
  for (;;) {
    const messages = receive(channel);
    const end = messages.findIndex(({ type }) => type === ERROR || type === DONE);
    received.push(...messages.slice(0, end < 0 ? undefined : end));
    const last = messages[end];
    if (last?.type === ERROR) throwUnlessDone(last);
    if (last !== undefined) return received;
  }
}

/** Has a failed system call throw KernelRefused. */
export function refusing(hint: string, call: () => number): number {
  try {
    return call();
  } catch (thrown) {
    throw new KernelRefused(errnoOf(thrown), hint);
  }
}

/** The messages of the next datagram. Throws KernelRefused, also when there is none (EAGAIN). */
export function receive({ fd, buffer }: Channel): readonly Received[] {
  const length = refusing('netlink: recv', () => platform.recv(fd, buffer, DONT_WAIT));
  return decode(buffer.subarray(0, length));
}

const HINT = 1;
/** The errno, and the header of the request, which is all that is returned of it. */
const ERROR_HEADER = 20;

/** Throws KernelRefused unless this message confirms a request, which was the one at `at`. */
export function throwUnlessDone({ body }: Received, at = 0): void {
  const errno = -viewOf(body).getInt32(0, true);
  if (errno !== 0) throw new KernelRefused(errno, readText(attributes(body, ERROR_HEADER).get(HINT)), at);
}

/** Whether a request failed because its object does not exist. */
export const isMissing = (error: unknown): boolean => error instanceof KernelRefused && MISSING.includes(error.errno);

/** The last one (ESRCH) is the answer to the removal of a route that is not there. */
const MISSING: readonly number[] = [Errno.noDevice, Errno.noEntry, Errno.noProcess];

/** Like `ask`; the answer is empty if the object does not exist. */
export function askIfThere(kernel: Netlink, request: NetlinkRequest): readonly Received[] {
  try {
    return kernel.ask(request);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
