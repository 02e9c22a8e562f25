import { sha256 } from '../../shared/bytes/hash.ts';
import { hex } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import { kernelReason } from '../../shared/netlink/refusal.ts';
import { KernelRefused } from '../../shared/netlink/socket.ts';
import type { Nftables } from '../nftables/kernel.ts';
import { familyWord, HEADER } from '../nftables/message.ts';
import { getRules } from '../nftables/rule.ts';
import { getElements, getSet } from '../nftables/set.ts';
import { deleteTable, getChain, getTable, tableComment } from '../nftables/table.ts';
import { CHAIN, natSteps, natTableName, SETS } from './nat-steps.ts';
import type { NatPlan } from './plan.ts';

/** Our table of one family in the kernel. */
export interface NatTable {
  /** Makes it as planned, or removes it if there is no plan, unless it is so. Answers lines that say what has changed. */
  bring(nftables: Nftables, plan: NatPlan | undefined): readonly string[];
}

/** What was in the kernel when it was last as planned. */
interface Seen {
  readonly digest: string;
  readonly generation: number;
  readonly contents: string;
}

export function natTable(family: Family): NatTable {
  let seen: Seen | undefined;
  const bring = (nftables: Nftables, plan: NatPlan | undefined): readonly string[] => {
    const digest = plan === undefined ? '' : digestOf(plan);
    const generation = nftables.generation();
    const known = seen?.digest === digest ? seen : undefined;
    if (known?.generation === generation) return [];
    const before = contentsOf(nftables, family);
    if (known?.contents === before || (plan === undefined && before === '')) {
      seen = { digest, generation, contents: before };
      return [];
    }
    const earlier = before === '' ? undefined : commentOf(nftables, family);
    replace(nftables, family, plan, commentFor(digest));
    // If someone else has changed any rules meanwhile, ours are looked at again the next time.
    seen = { digest, contents: contentsOf(nftables, family), generation: generation + 1 };
    return linesOf(family, plan, { earlier, digest, wasKnown: known !== undefined });
  };
  return { bring };
}

interface Replaced {
  /** The comment of the table before; undefined if there was none. */
  readonly earlier: string | undefined;
  readonly digest: string;
  /** It had been as planned. */
  readonly wasKnown: boolean;
}

function linesOf(
  family: Family,
  plan: NatPlan | undefined,
  { earlier, digest, wasKnown }: Replaced,
): readonly string[] {
  const words = `table ${familyWord(family)} ${natTableName(family).table}`;
  if (plan === undefined) return [`outgoing NAT: removed ${words}`];
  if (earlier === undefined) return [`outgoing NAT: made ${words} for ${namesOf(plan)}`];
  if (wasKnown) return [`outgoing NAT: ${words} had been changed, made it again`];
  return earlier === commentFor(digest) ? [] : [`outgoing NAT: ${words} is now for ${namesOf(plan)}`];
}

const namesOf = ({ pools }: NatPlan): string =>
  pools.length === 0 ? 'tunnels only' : pools.map(({ text }) => text).join(', ');

const commentFor = (digest: string): string => `calicoctl node run ${digest}`;

const DIGITS = 16;

const digestOf = (plan: NatPlan): string =>
  sha256(
    JSON.stringify({
      ...plan,
      pools: plan.pools.map(({ text }) => text),
      inside: plan.inside.map(({ text }) => text),
      address: plan.address?.text,
    }),
  ).slice(0, DIGITS);

const commentOf = (nftables: Nftables, family: Family): string =>
  nftables
    .read(getTable(natTableName(family)))
    .map(tableComment)
    .join();

/** Everything in the table as the kernel tells it (without the headers, which have the generation), which is the same only if nobody has touched it; '' without a table. */
function contentsOf(nftables: Nftables, family: Family): string {
  const name = natTableName(family);
  const table = nftables.read(getTable(name));
  if (table.length === 0) return '';
  const requests = [
    getChain(name, CHAIN),
    getRules(name, CHAIN),
    ...SETS.flatMap((set) => [getSet(name, set), getElements(name, set)]),
  ];
  return [table, ...requests.map((request) => nftables.read(request))]
    .map((messages) => messages.map(({ body }) => hex(body.subarray(HEADER))).join(' '))
    .join('\n');
}

function replace(nftables: Nftables, family: Family, plan: NatPlan | undefined, comment: string): void {
  const steps =
    plan === undefined
      ? [{ message: deleteTable(natTableName(family)), modules: 'nf_tables' }]
      : natSteps(plan, comment);
  try {
    nftables.commit(steps.map(({ message }) => message));
  } catch (error) {
    if (!(error instanceof KernelRefused)) throw error;
    const modules = steps[error.at]?.modules ?? 'nf_tables';
    throw failure(
      `the kernel refused the rules for outgoing NAT: ${kernelReason(error)}`,
      `table ${familyWord(family)} ${natTableName(family).table}; it needs CAP_NET_ADMIN and the kernel modules ${modules}`,
      error,
    );
  }
}
