import { failure } from '../../shared/error/failure.ts';
import { addressText, type Family } from '../../shared/net/address.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import { blocksIn, type Pool, selectsNamespace, selectsNode } from '../config/pools.ts';
import { listed, makePool, noPool } from './pool-advice.ts';
import { type AssignRequest, poolsAsked, USE } from './request.ts';

type Labels = Readonly<Record<string, string>>;

/** The CIDRs of the requested pools, each given by CIDR or name, in the order given. Throws a Failure with Calico's text. */
export function resolvePools(pools: readonly Pool[], asked: readonly string[], family: Family): readonly Cidr[] {
  return asked.map((text) => {
    const cidr = parseCidr(text) ?? pools.find((pool) => pool.name === text)?.cidr;
    if (cidr === undefined) {
      const advice = noPool(pools, family) ?? `Name one of ${listed(pools)}`;
      throw failure(`error parsing pool "${text}": invalid CIDR address: ${text}`, advice);
    }
    if (cidr.family !== family) {
      throw failure(`"${addressText(cidr.family, cidr.base)}" isn't a IPv${family} address`, `Pool given: ${text}`);
    }
    return cidr;
  });
}

/**
 * The pools that an address of the family may come from, in order of preference (as Calico's AutoAssign): the requested ones,
 * whatever their selectors; else the automatic ones that select node and namespace. Throws a Failure when there is none.
 */
export function usablePools(
  pools: readonly Pool[],
  request: AssignRequest,
  family: Family,
  nodeLabels: Labels,
): readonly Pool[] {
  const asked = resolvePools(pools, poolsAsked(request, family), family);
  const enabled = pools.filter((pool) => pool.enabled && pool.cidr.family === family);
  if (!enabled.some((pool) => blocksIn(pool) > 0n)) {
    throw failure('cannot find a qualified ippool', noneEnabled(pools, family));
  }
  const chosen = asked.length > 0 ? askedFor(enabled, asked) : selecting(enabled, request, nodeLabels, family);
  const { use = USE } = request;
  const allowed = chosen.filter((pool) => pool.allowedUses.includes(use));
  if (allowed.length > 0) return allowed;
  throw failure(
    `cannot find a qualified ippool, no pools match the required use (${use})`,
    `Pools considered: ${listed(chosen)}; add ${use} to a pool's allowedUses`,
  );
}

function noneEnabled(pools: readonly Pool[], family: Family): string {
  const known = listed(pools.filter((pool) => pool.cidr.family === family));
  const none = `No IPv${family} pool is enabled and has room for a block: ${known}`;
  return noPool(pools, family) ?? `${none}; enable one, or add a pool with ${makePool(family, undefined)}`;
}

function askedFor(enabled: readonly Pool[], asked: readonly Cidr[]): readonly Pool[] {
  return asked.map((cidr) => {
    const pool = enabled.find((each) => each.cidr.text === cidr.text);
    if (pool !== undefined) return pool;
    throw failure(
      `the given pool (${cidr.text}) does not exist, or is not enabled`,
      `Enabled pools: ${listed(enabled)}; name one of them, or create this one with ${makePool(cidr.family, cidr)}`,
    );
  });
}

function selecting(
  enabled: readonly Pool[],
  request: AssignRequest,
  nodeLabels: Labels,
  family: Family,
): readonly Pool[] {
  const { namespaceLabels } = request;
  const chosen = enabled
    .filter((pool) => pool.automatic && selectsNode(pool, nodeLabels))
    .filter((pool) => namespaceLabels === undefined || selectsNamespace(pool, namespaceLabels));
  if (chosen.length > 0) return chosen;
  throw failure(
    `no configured Calico pools for node ${request.node}`,
    `None of ${listed(enabled)} is automatic and selects the node's and the namespace's labels: ` +
      'change nodeSelector, namespaceSelector or assignmentMode of one (calicoctl get ippools -o yaml), ' +
      `or add a pool with ${makePool(family, undefined)}`,
  );
}
