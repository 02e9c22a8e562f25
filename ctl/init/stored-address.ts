import { objectOrNothing } from '../../shared/calico/stored.ts';
import type { Entry, ListQuery } from '../../shared/datastore/query.ts';
import { failure } from '../../shared/error/failure.ts';
import { type Family, parseAddress } from '../../shared/net/address.ts';
import { objectOf } from '../resource/shape.ts';

/** All Nodes, also under names that are not valid: their addresses count too. */
export const NODES: ListQuery = { all: 'Node', strays: true };

/** A Node's fields with its addresses, in `spec.bgp`. */
export const ADDRESS_FIELD: Readonly<Record<Family, string>> = { 4: 'ipv4Address', 6: 'ipv6Address' };
const OPTION: Readonly<Record<Family, string>> = { 4: '--ip', 6: '--ip6' };

/** A Node's address of a family as stored; '' without one. */
export function storedAddress({ at, value }: Entry, family: Family): string {
  const text = objectOf(objectOf(objectOrNothing(at, value)?.['spec'])?.['bgp'])?.[ADDRESS_FIELD[family]];
  return typeof text === 'string' ? text : '';
}

/** The address of a CIDR, in one spelling; undefined when it is none. */
export const plainAddress = (cidr: string): string | undefined => parseAddress(cidr.split('/')[0] ?? '')?.text;

/** Throws a Failure, in calico/node's words, when one of the other Nodes has the address. */
export function refuseUsed(others: readonly Entry[], family: Family, cidr: string): void {
  const address = plainAddress(cidr);
  const other = address && others.find((entry) => plainAddress(storedAddress(entry, family)) === address);
  if (!other) return;
  const name = 'name' in other.ref ? other.ref.name : other.at;
  const deleted = 'name' in other.ref ? `: calicoctl delete node ${name}` : ', delete it from the datastore';
  throw failure(
    `Calico node '${name}' is already using the IPv${family} address ${address}`,
    `use another one with ${OPTION[family]}=ADDRESS; if ${name} is gone for good${deleted}`,
  );
}
