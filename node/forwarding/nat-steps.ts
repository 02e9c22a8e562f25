import type { Family } from '../../shared/net/address.ts';
import { addressBytes } from '../../shared/net/address.ts';
import type { NetlinkRequest } from '../../shared/netlink/message.ts';
import {
  compare,
  type Expression,
  interfaceName,
  loadAddress,
  loadMeta,
  lookUp,
  natSource,
  sourceIs,
} from '../nftables/expression.ts';
import { newRule } from '../nftables/rule.ts';
import { newElements, newSet } from '../nftables/set.ts';
import { deleteTable, newPostrouting, newTable, type TableName } from '../nftables/table.ts';
import type { NatPlan } from './plan.ts';
import { rangesOf } from './ranges.ts';

/** One message to the kernel, and which of its modules it needs. */
export interface NatStep {
  readonly message: NetlinkRequest;
  readonly modules: string;
}

/** The table that is ours. */
export const natTableName = (family: Family): TableName => ({ family, table: 'calicoctl_node' });

/** What is in it. */
export const CHAIN = 'postrouting';
export const SETS = ['nat_pools', 'inside'] as const;
const [NAT_POOLS, INSIDE] = SETS;
/** Where the source of packets is replaced (NF_IP_PRI_NAT_SRC). */
const SOURCE_NAT = 100;

/** The messages that make the table anew, with a comment. In one transaction they replace it. */
export function natSteps(plan: NatPlan, comment: string): readonly NatStep[] {
  const name = natTableName(plan.family);
  const plain = (message: NetlinkRequest): NatStep => ({ message, modules: 'nf_tables' });
  const elements = [
    ...newElements(name, NAT_POOLS, rangesOf(plan.pools)),
    ...newElements(name, INSIDE, rangesOf(plan.inside)),
  ];
  return [
    // Removing is refused if there is none.
    plain(newTable(name, comment)),
    plain(deleteTable(name)),
    plain(newTable(name, comment)),
    ...SETS.map((set, id) => plain(newSet(name, set, id + 1))),
    ...elements.map(plain),
    { message: newPostrouting(name, CHAIN, SOURCE_NAT), modules: 'nft_chain_nat' },
    ...rules(plan).map(({ why, expressions, modules }) => ({
      message: newRule(name, CHAIN, why, expressions),
      modules,
    })),
  ];
}

interface Rule {
  readonly why: string;
  readonly modules: string;
  readonly expressions: readonly Expression[];
}

const rules = (plan: NatPlan): readonly Rule[] => [
  ...poolRules(plan),
  ...plan.tunnels.map((tunnel) => tunnelRule(plan, tunnel)),
];

const PROTOCOLS = { tcp: 6, udp: 17 } as const;

function poolRules(plan: NatPlan): readonly Rule[] {
  const { family, address, ports } = plan;
  if (plan.pools.length === 0) return [];
  const to = address === undefined ? undefined : addressBytes(address.text);
  const matching = matchingPools(plan);
  const modules = to === undefined ? 'nft_masq' : 'nft_nat';
  const anyPort = natSource({ family, address: to, ports: undefined });
  const all = { why: 'outgoing NAT', modules, expressions: [...matching, ...anyPort] };
  if (ports === undefined) return [all];
  const limited = Object.entries(PROTOCOLS).map(([protocol, number]) => ({
    why: `outgoing NAT, ${protocol}`,
    modules,
    expressions: [
      ...matching,
      loadMeta('protocol'),
      compare(Uint8Array.of(number)),
      ...natSource({ family, address: to, ports }),
    ],
  }));
  return [...limited, all];
}

const matchingPools = ({ family, outInterface }: NatPlan): readonly Expression[] => [
  ...(outInterface === '' ? [] : [loadMeta('outputInterface'), compare(interfaceName(outInterface))]),
  loadAddress(family, 'source'),
  lookUp(NAT_POOLS, true),
  loadAddress(family, 'destination'),
  lookUp(INSIDE, false),
];

const tunnelRule = ({ family }: NatPlan, tunnel: string): Rule => ({
  why: 'into the tunnel with its address',
  modules: `nft_fib_ipv${family} and nft_masq`,
  expressions: [
    loadMeta('outputInterface'),
    compare(interfaceName(tunnel)),
    ...sourceIs('not of its interface'),
    ...sourceIs('local'),
    ...natSource({ family, address: undefined, ports: undefined }),
  ],
});
