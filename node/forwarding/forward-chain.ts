import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import { KernelRefused } from '../../shared/netlink/socket.ts';
import type { Nftables } from '../nftables/kernel.ts';
import { getRules, readRule } from '../nftables/rule.ts';
import { dropsByPolicy, getChain } from '../nftables/table.ts';
import { acceptChange, acceptLines, acceptMessages, acceptRules } from './forward-rules.ts';

/** The chain of iptables-nft in which Docker and others drop what they do not know. */
const TABLE = 'filter';
const CHAIN = 'FORWARD';

/** iptables' chain FORWARD of one family in the kernel. */
export interface ForwardChain {
  /**
   * Lets packets of interfaces with these prefixes pass if the chain drops by policy, behind its own rules; removes our
   * rules if it does not. Answers lines that say what has changed.
   */
  bring(nftables: Nftables, prefixes: readonly string[]): readonly string[];
}

export function forwardChain(family: Family): ForwardChain {
  let seen: { readonly generation: number; readonly prefixes: string } | undefined;
  const bring = (nftables: Nftables, prefixes: readonly string[]): readonly string[] => {
    const now = { generation: nftables.generation(), prefixes: prefixes.join() };
    if (seen?.generation === now.generation && seen.prefixes === now.prefixes) return [];
    const lines = bringChain(nftables, family, prefixes);
    seen = now;
    return lines;
  };
  return { bring };
}

function bringChain(nftables: Nftables, family: Family, prefixes: readonly string[]): readonly string[] {
  const table = { family, table: TABLE };
  const [chain] = nftables.read(getChain(table, CHAIN));
  if (chain === undefined) return [];
  const found = nftables.read(getRules(table, CHAIN)).map(readRule);
  const change = acceptChange(dropsByPolicy(chain) ? acceptRules(prefixes) : [], found);
  const messages = acceptMessages(table, CHAIN, change);
  if (messages.length === 0) return [];
  try {
    nftables.commit(messages);
  } catch (error) {
    if (!(error instanceof KernelRefused)) throw error;
    const what = 'the kernel refused a rule that accepts forwarded packets of pods';
    throw failure(`${what}: ${error.message}`, `${programOf(family)}, chain ${CHAIN}`, error);
  }
  return acceptLines(programOf(family), change);
}

const programOf = (family: Family): string => (family === 4 ? 'iptables' : 'ip6tables');
