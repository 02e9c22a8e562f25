import type { Span } from '../../shared/datastore/query.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { addressOf, type Family } from '../../shared/net/address.ts';
import { type AddressHolder, holderText } from '../block/holder.ts';
import { blocksIn } from '../config/pools.ts';
import { holdersWhere, isUsable } from '../group/choice.ts';
import { type Group, memberCount } from '../group/group.ts';
import { type Portion, type Stretch, stretchesOf } from '../group/stretch.ts';
import { addressHeld } from './address-held.ts';
import { notAllowed, outside } from './fixed.ts';
import { type Choosing, lookIn } from './member-search.ts';
import { type AssignRequest, USE } from './request.ts';
import type { Setting } from './setting.ts';

/** The members of one family, and the pools that they lie in. */
export interface FamilyOfGroup {
  readonly group: Group;
  readonly family: Family;
  readonly spans: readonly Span[];
  readonly stretches: readonly Stretch[];
}

const SHOW = 'calicoctl ipam group show';
/** Most holders that an error names. */
const MOST_NAMED = 8;

/** The members of a family that this ADD asks for. Throws a Failure when there is none, or one that no pool contains. */
export function familyOf({ pools }: Pick<Setting, 'pools'>, group: Group, family: Family): FamilyOfGroup {
  const spans = group.members[family];
  if (spans.length === 0) {
    throw failure(
      `the fixed address group has no IPv${family} address`,
      `${group.from}: add IPv${family} addresses, or ask for the other family alone (annotation cni.projectcalico.org/ipFamilies, ` +
        `or ipam.assign_ipv${family} in the network configuration)`,
    );
  }
  const usable = pools.filter((pool) => pool.enabled && pool.cidr.family === family && blocksIn(pool) > 0n);
  const found = stretchesOf(spans, usable);
  if (found.outside !== undefined) {
    const address = addressOf(family, found.outside);
    const what = `${address.text} of the fixed address group is not in a configured pool`;
    throw failure(what, `${group.from}; ${outside(pools, usable, address)}`);
  }
  const barred = found.stretches.find(({ pool }) => !pool.allowedUses.includes(USE));
  if (barred !== undefined) throw notAllowed(addressOf(family, barred.from), barred.pool);
  return { group, family, spans, stretches: found.stretches };
}

/** The pod's ordinal is larger than the group. */
export function beyondTheEnd({ group, family, spans }: FamilyOfGroup, ordinal: number): Failure {
  const count = memberCount(spans);
  return failure(
    `the pod's ordinal is ${ordinal}, and the fixed address group has only ${count} IPv${family} addresses, numbered from 0`,
    `${group.from}: add addresses at the end of the list, or scale the StatefulSet down to ${count}`,
  );
}

/** The member of the pod's ordinal is assigned to another container. */
export function memberHeld(request: AssignRequest, ordinal: number, holder: AddressHolder): Failure {
  return addressHeld(
    `${holder.address}, address ${ordinal} of the fixed address group, is already assigned`,
    `Held by ${holderText(holder)}; ${remedyFor(request, holder)}`,
    [holder],
  );
}

/** What to do. Nothing that could give an address to two containers: a node that does not answer may still run them. */
function remedyFor({ node, attributes }: AssignRequest, holder: AddressHolder): string {
  if (holder.releasedAt !== undefined) return 'it is free again after the cooldown (ipCooldownSeconds)';
  const isNamesake =
    holder.pod !== '' && holder.pod === attributes['pod'] && holder.namespace === attributes['namespace'];
  if (!isNamesake) return 'delete that container, or give it another address';
  if (holder.node === node)
    return 'an earlier container of this pod: its address is released when the runtime deletes it';
  return (
    `an earlier pod of this name: node ${holder.node ?? 'unknown'} releases its address when it runs again; only if it is switched off for ` +
    `good, delete the Node, and calicoctl delete node ${holder.node ?? ''} releases what it held`
  );
}

/** Not an answer to a user: the caller finds out whether these are gone, and decides again. */
export const namesakeHolds = (holders: readonly AddressHolder[]): Failure =>
  addressHeld('an earlier container of this pod holds an address of the group', '', holders);

/** No member is free. */
export function allTaken(
  choosing: Choosing,
  { group, family, spans }: FamilyOfGroup,
  seen: readonly Portion[],
): Failure {
  const { setting } = choosing;
  const look = lookIn(choosing);
  const { node } = setting.request;
  const usable = { node, strict: setting.config.strict_affinity, lost: new Set<string>() };
  const holders = holdersWhere(seen, look, () => true);
  const count = memberCount(spans);
  const barred = seen
    .filter(({ cidr }) => !isUsable(usable, cidr, look(cidr)))
    .reduce((sum, { from, to }) => sum + to - from, 0);
  const named = holders.slice(0, MOST_NAMED).map((holder) => `${holder.address}: ${holderText(holder)}`);
  const others = holders.length > named.length ? [`and ${holders.length - named.length} more`] : [];
  const unusable =
    barred === 0
      ? []
      : [`${barred} are in blocks that this node cannot use (other nodes' under strict affinity, or not readable)`];
  return addressHeld(
    `no IPv${family} address of the fixed address group is free: it has ${count}, ${holders.length} are assigned`,
    `${[...named, ...others, ...unusable].join('; ')}; delete a pod that has one, or add addresses to ${group.from}; ${SHOW} lists them all`,
    holders.filter((holder) => holder.node === node),
  );
}
