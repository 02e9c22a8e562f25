import type { Family } from '../../shared/net/address.ts';
import { type Nftables, withNftables } from '../nftables/kernel.ts';
import type { Part } from '../run/part.ts';
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
  const bring = async (): Promise<readonly string[]> => bringAll(families, plans);
  return {
    name: 'forwarding',
    apply: (state) => {
      plans = forwardingPlans(state);
      return bring();
    },
    check: bring,
    problem: () => undefined,
    stop: async (clean) => {
      if (clean) bringAll(families, []);
    },
  };
}

function bringAll(families: readonly FamilyRules[], plans: readonly ForwardingPlan[]): readonly string[] {
  const present = families.filter(({ family }) => hasFamily(family));
  const planOf = (family: Family) => plans.find((plan) => plan.family === family);
  const inTables = withTables(plans, (nftables) =>
    present.flatMap(({ family, nat, chain }) => [
      ...nat.bring(nftables, planOf(family)?.nat),
      ...chain.bring(nftables, planOf(family)?.prefixes ?? []),
    ]),
  );
  const inLegacy = present.flatMap(({ family, legacy }) => legacy.bring(planOf(family)?.prefixes ?? []));
  // Last, so that no packet leaves with a pod's address before there are rules.
  const forwarded = present.filter(({ family }) => planOf(family)?.forwards === true);
  return [...inTables, ...inLegacy, ...forwarded.flatMap(({ family }) => forwardPackets(family))];
}

/** A kernel without nf_tables has nothing to change there, unless outgoing NAT is wanted. */
function withTables(
  plans: readonly ForwardingPlan[],
  work: (nftables: Nftables) => readonly string[],
): readonly string[] {
  const isNeeded = plans.some(({ nat }) => nat !== undefined);
  return withNftables(work, isNeeded ? undefined : []);
}
