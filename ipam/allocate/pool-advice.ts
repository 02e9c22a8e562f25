import { addressBits, type Family } from '../../shared/net/address.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import type { Pool } from '../config/pools.ts';

/** Lists pools with name and CIDR, for messages. */
export const listed = (pools: readonly Pool[]): string =>
  pools.map((pool) => `${pool.name} (${pool.cidr.text})`).join(', ');

/** The command that creates a pool of the family, with this CIDR if it is known. */
export function makePool(family: Family, cidr: Cidr | undefined): string {
  const isNetwork = cidr !== undefined && cidr.length < addressBits(family);
  return `calicoctl init --${family === 4 ? 'cidr' : 'ipv6-cidr'}=${isNetwork ? cidr.text : 'CIDR'}`;
}

/** Advice when there is no pool, or none of this family; undefined when there is one. */
export function noPool(pools: readonly Pool[], family: Family): string | undefined {
  if (pools.some((pool) => pool.cidr.family === family)) return undefined;
  const which = pools.length === 0 ? 'pool' : `IPv${family} pool`;
  return `There is no ${which}: create one with ${makePool(family, undefined)}`;
}
