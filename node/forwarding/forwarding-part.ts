import type { Family } from '../../shared/net/address.ts';
import { type Nftables, withNftables } from '../nftables/kernel.ts';
import type { Part } from '../run/part.ts';
import { felixRulesIn, felixRulesLeft } from './felix-rules.ts';
import { type ForwardChain, forwardChain } from './forward-chain.ts';
import { type LegacyChain, legacyChain } from './legacy-chain.ts';
import { type NatTable, natTable } from './nat-table.ts';
import { type ForwardingPlan, forwardingPlans } from './plan.ts';
import { forwardPackets, hasFamily } from './sysctls.ts';

/** What this part keeps of one family. */
interface FamilyRules {
  readonly family: Family;
  readonly nat: NatTable;
  readonly chain: ForwardChain;
  readonly legacy: LegacyChain;
}

/** Keeps the kernel forwarding packets of pods: ip_forward, outgoing NAT, and accepted where iptables drops by policy. */
export function forwardingPart(): Part {
  const families = ([4, 6] as const).map((family) => ({
    family,
    nat: natTable(family),
    chain: forwardChain(family),
    legacy: legacyChain(family),
  }));
  let plans: readonly ForwardingPlan[] = [];
  let problem: string | undefined;
  const bring = async (): Promise<readonly string[]> => {
    const brought = bringAll(families, plans);
    problem = brought.problem;
    return brought.lines;
  };
  return {
    name: 'forwarding',
    apply: (state) => {
      plans = forwardingPlans(state);
      return bring();
    },
    check: bring,
    problem: () => problem,
    stop: async (clean) => {
      if (clean) bringAll(families, []);
    },
  };
}

interface Brought {
  readonly lines: readonly string[];
  /** Rules of others that keep packets of pods from passing. */
  readonly problem: string | undefined;
}

function bringAll(families: readonly FamilyRules[], plans: readonly ForwardingPlan[]): Brought {
  const present = families.filter(({ family }) => hasFamily(family));
  const planOf = (family: Family) => plans.find((plan) => plan.family === family);
  const inTables = withTables(plans, (nftables) =>
    present.map(({ family, nat, chain }) => ({
      lines: [...nat.bring(nftables, planOf(family)?.nat), ...chain.bring(nftables, planOf(family)?.prefixes ?? [])],
      felix: felixRulesIn((asked) => nftables.read(asked).length > 0, family),
    })),
  );
  const inLegacy = present.map(({ family, legacy }) => ({
    lines: legacy.bring(planOf(family)?.prefixes ?? []),
    felix: legacy.felix(),
  }));
  const found = [...inTables, ...inLegacy];
  // Last, so that no packet leaves with a pod's address before there are rules.
  const forwarded = present.filter(({ family }) => planOf(family)?.forwards === true);
  return {
    lines: [...found.flatMap(({ lines }) => lines), ...forwarded.flatMap(({ family }) => forwardPackets(family))],
    problem: felixRulesLeft(found.flatMap(({ felix }) => felix)),
  };
}

/** A kernel without nf_tables has nothing to change there, unless outgoing NAT is wanted. */
function withTables<T>(plans: readonly ForwardingPlan[], work: (nftables: Nftables) => readonly T[]): readonly T[] {
  const isNeeded = plans.some(({ nat }) => nat !== undefined);
  return withNftables(work, isNeeded ? undefined : []);
}
