import type { Family } from '../../shared/net/address.ts';
import type { NetlinkRequest } from '../../shared/netlink/message.ts';
import { getChain, getTable } from '../nftables/table.ts';

/** Felix's chain for forwarded packets in iptables' table filter. */
const CHAIN = 'cali-FORWARD';
/** The table of a Felix that uses nf_tables itself. */
const TABLE = 'calico';

/** Rules of a Felix. */
export interface FelixRules {
  readonly where: string;
  /** Removes them. */
  readonly command: string;
}

/** Felix's rules in nf_tables: by iptables, or by itself. `exists`: whether there is what a request asks for. */
export function felixRulesIn(exists: (asked: NetlinkRequest) => boolean, family: Family): readonly FelixRules[] {
  const inChain = exists(getChain({ family, table: 'filter' }, CHAIN));
  const inTable = exists(getTable({ family, table: TABLE }));
  const table = `${family === 4 ? 'ip' : 'ip6'} ${TABLE}`;
  return [
    ...(inChain ? [inIptables(family === 4 ? 'iptables' : 'ip6tables')] : []),
    ...(inTable ? [{ where: `table ${table} of nf_tables`, command: `nft delete table ${table}` }] : []),
  ];
}

/** The same in what the older iptables prints of its chain FORWARD. */
export const felixRulesPrinted = (program: string, printed: string): readonly FelixRules[] =>
  printed.includes(`-j ${CHAIN}`) ? [inIptables(program)] : [];

const inIptables = (program: string): FelixRules => ({
  where: program,
  command: `${program}-save | grep -v -e cali: -e cali- | ${program}-restore`,
});

/** What rules of a Felix that has ended do, and how they are removed; undefined where there are none. */
export function felixRulesLeft(found: readonly FelixRules[]): string | undefined {
  if (found.length === 0) return undefined;
  const where = found.map((each) => each.where).join(' and ');
  const commands = found.map(({ command }) => command).join('; ');
  return `Felix has ended and left its rules in ${where}: packets of new pods and from new nodes are dropped. Remove them: ${commands}`;
}
