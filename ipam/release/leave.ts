import { blockKey } from '../../shared/calico/keys.ts';
import type { View, Write } from '../../shared/datastore/view.ts';
import type { Family } from '../../shared/net/address.ts';
import type { Draft } from '../allocate/draft.ts';
import { type Pool, poolOf, selectsNode } from '../allocate/pools.ts';
import { coolingOf, requiredLabels, type Setting } from '../allocate/setting.ts';
import { type Affine, forget } from '../block/affinity.ts';
import { tryBlockAt } from '../block/ask.ts';
import { isEmpty, isOwnedBy } from '../block/block.ts';

/** Claims given up in one transaction, which has room for 128 keys. */
const MOST = 16;

interface Task {
  readonly family: Family;
  readonly pools: readonly Pool[];
}

/** This node's claims in enabled pools that no longer select it, and that were not asked for by name. */
export function leavers(view: View, setting: Setting, tasks: readonly Task[]): readonly Affine[] {
  const labels = requiredLabels(view, setting.request.node);
  const enabled = setting.pools.filter((pool) => pool.enabled);
  const used = tasks.flatMap(({ pools }) => pools);
  const isLeft = ({ cidr }: Affine): boolean => {
    const pool = poolOf(enabled, cidr);
    return pool !== undefined && poolOf(used, cidr) === undefined && !maySelect(pool, labels);
  };
  const families = tasks.map(({ family }) => family);
  return setting.affine.filter((affine) => families.includes(affine.cidr.family) && isLeft(affine)).slice(0, MOST);
}

/** Whether a pool is for a node; where the selector cannot be read nothing is taken from the node. */
export function maySelect(pool: Pool, labels: Readonly<Record<string, string>>): boolean {
  try {
    return selectsNode(pool, labels);
  } catch {
    return true;
  }
}

/** The draft with these claims given up, as far as their blocks are empty; a claim without its block goes too. */
export function leave(view: View, setting: Setting, leaving: readonly Affine[], draft: Draft): Draft {
  const writes: Write[] = [];
  const guards: string[] = [];
  for (const affine of leaving) {
    const key = blockKey(affine.cidr);
    const block = tryBlockAt(view, affine.cidr, coolingOf(setting));
    if (typeof block === 'string') continue;
    if (block === undefined) guards.push(key);
    else if (isOwnedBy(block, setting.request.node)) {
      if (!isEmpty(block)) continue;
      writes.push({ key, value: undefined });
    }
    writes.push(forget(affine));
  }
  return { ...draft, writes: [...draft.writes, ...writes], guards: [...draft.guards, ...guards] };
}
