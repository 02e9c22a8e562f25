import { type Failure, failure } from '../../shared/error/failure.ts';
import { Errno, errnoOf } from '../../shared/netlink/errno.ts';
import type { NetlinkRequest, Received } from '../../shared/netlink/message.ts';
import { refusalOf } from '../../shared/netlink/refusal.ts';
import { askIfThere, KernelRefused, type Netlink, withNetlink } from '../../shared/netlink/socket.ts';
import { sendTogether } from '../../shared/netlink/together.ts';
import { getGeneration, inBatch, readGeneration } from './message.ts';

/** The kernel's nf_tables in the current namespace. */
export interface Nftables {
  /** The answers to a request; empty if what it asks for does not exist. */
  read(request: NetlinkRequest): readonly Received[];
  /** The number of the present generation of all rules: each change, by anyone, increments it. */
  generation(): number;
  /** Carries out all messages, or none. Throws KernelRefused, which says the number of the message. */
  commit(messages: readonly NetlinkRequest[]): void;
}

/** Runs `work` with nf_tables. If this kernel has none, returns `otherwise`, or throws a Failure that names the module. */
export function withNftables<T>(work: (nftables: Nftables) => T, otherwise: T | undefined): T {
  try {
    return withNetlink((netlink) => work(over(netlink)), 'netfilter');
  } catch (error) {
    if (!isWithout(error))
      throw error instanceof KernelRefused
        ? refusalOf('the kernel does not let us see its packet filters', error)
        : error;
    if (otherwise === undefined) throw noNftables(error);
    return otherwise;
  }
}

const over = (netlink: Netlink): Nftables => ({
  read: (request) => askIfThere(netlink, request),
  generation: () => netlink.ask(getGeneration()).map(readGeneration)[0] ?? 0,
  commit: (messages) => {
    try {
      sendTogether(netlink.channel, inBatch(messages));
    } catch (error) {
      // The batch begins with a message of its own.
      throw error instanceof KernelRefused ? new KernelRefused(error.errno, error.hint, error.at - 1) : error;
    }
  },
});

/** Whether the kernel lacks netfilter's netlink, or nf_tables in it. */
const isWithout = (error: unknown): boolean =>
  error instanceof KernelRefused
    ? error.errno === Errno.notSupported && error.at <= 0
    : error instanceof Error && errnoOf(error.cause) === Errno.noProtocol;

const noNftables = (cause: unknown): Failure =>
  failure(
    'this kernel has no nf_tables',
    'outgoing NAT is made with nf_tables (Linux 4.18 or newer): load the module nf_tables (modprobe nf_tables), or use a kernel with CONFIG_NF_TABLES',
    cause,
  );
