import { failure } from '../shared/cni/error.ts';
import { addressText, type Family } from '../shared/net/address.ts';
import { type Cidr, parseCidr } from '../shared/net/cidr.ts';
import { blocksIn, type Pool, selectsNamespace, selectsNode } from './pools.ts';
import { type AssignRequest, poolsAsked, USE } from './request.ts';

type Labels = Readonly<Record<string, string>>;

/** The pools asked for, each by CIDR or by name, as CIDRs in the order asked; throws CniError 999 in the original's words. */
export function resolvePools(pools: readonly Pool[], asked: readonly string[], family: Family): readonly Cidr[] {
  return asked.map((text) => {
    const cidr = parseCidr(text) ?? pools.find((pool) => pool.name === text)?.cidr;
    if (cidr === undefined) {
      throw failure(`error parsing pool "${text}": invalid CIDR address: ${text}`, `Name one of ${listed(pools)}`);
    }
    if (cidr.family !== family) {
      throw failure(`"${addressText(cidr.family, cidr.base)}" isn't a IPv${family} address`, `Pool given: ${text}`);
    }
    return cidr;
  });
}

/**
 * The pools an address of the family may come from, in order of preference (as Calico's AutoAssign): those asked for,
 * whatever they select; else the automatic ones that select node and namespace. Throws CniError 999 when there is none.
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
    throw failure(
      'cannot find a qualified ippool',
      `No enabled IPv${family} pool with room for a block among ${listed(pools)}`,
    );
  }
  const chosen = asked.length > 0 ? askedFor(enabled, asked) : selecting(enabled, request, nodeLabels);
  const allowed = chosen.filter((pool) => pool.allowedUses.includes(USE));
  if (allowed.length > 0) return allowed;
  throw failure(
    `cannot find a qualified ippool, no pools match the required use (${USE})`,
    `Pools considered: ${listed(chosen)}; add ${USE} to a pool's allowedUses`,
  );
}

function askedFor(enabled: readonly Pool[], asked: readonly Cidr[]): readonly Pool[] {
  return asked.map((cidr) => {
    const pool = enabled.find((each) => each.cidr.text === cidr.text);
    if (pool !== undefined) return pool;
    throw failure(
      `the given pool (${cidr.text}) does not exist, or is not enabled`,
      `Enabled pools: ${listed(enabled)}`,
    );
  });
}

function selecting(enabled: readonly Pool[], request: AssignRequest, nodeLabels: Labels): readonly Pool[] {
  const { namespaceLabels } = request;
  const chosen = enabled
    .filter((pool) => pool.automatic && selectsNode(pool, nodeLabels))
    .filter((pool) => namespaceLabels === undefined || selectsNamespace(pool, namespaceLabels));
  if (chosen.length > 0) return chosen;
  throw failure(
    `no configured Calico pools for node ${request.node}`,
    `None of ${listed(enabled)} is automatic and selects the node's and the namespace's labels`,
  );
}

const listed = (pools: readonly Pool[]): string =>
  pools.length === 0 ? 'no pools' : pools.map((pool) => `${pool.name} (${pool.cidr.text})`).join(', ');
