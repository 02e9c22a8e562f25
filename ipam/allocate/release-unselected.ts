import { blockRef, type Ref } from '../../shared/datastore/ref.ts';
import type { Change, View } from '../../shared/datastore/view.ts';
import type { Family } from '../../shared/net/address.ts';
import { type Affine, forget } from '../block/affinity.ts';
import { tryBlockAt } from '../block/ask.ts';
import { isEmpty, isOwnedBy } from '../block/block.ts';
import { requiredLabels } from '../config/node-labels.ts';
import { maySelect, type Pool, poolOf } from '../config/pools.ts';
import type { Draft } from './draft.ts';
import { coolingOf, type Setting } from './setting.ts';

/** Most affinities released in one commit, which has room for 128 objects. */
const MOST = 16;

interface Task {
  readonly family: Family;
  readonly pools: readonly Pool[];
}

/** This node's affinities in enabled pools that no longer select it and were not requested. */
export function unselected(view: View, setting: Setting, tasks: readonly Task[]): readonly Affine[] {
  const labels = requiredLabels(view, setting.request.node);
  const enabled = setting.pools.filter((pool) => pool.enabled);
  const used = tasks.flatMap(({ pools }) => pools);
  const isUnselected = ({ cidr }: Affine): boolean => {
    const pool = poolOf(enabled, cidr);
    return pool !== undefined && poolOf(used, cidr) === undefined && !maySelect(pool, labels);
  };
  const families = tasks.map(({ family }) => family);
  return setting.affine
    .filter((affine) => families.includes(affine.cidr.family) && isUnselected(affine))
    .slice(0, MOST);
}

/** The draft with these affinities released if their block is empty or missing. */
export function releaseUnselected(view: View, setting: Setting, released: readonly Affine[], draft: Draft): Draft {
  const changes: Change[] = [];
  const guards: Ref[] = [];
  for (const affine of released) {
    const ref = blockRef(affine.cidr);
    const block = tryBlockAt(view, affine.cidr, coolingOf(setting));
    if (typeof block === 'string') continue;
    if (block === undefined) guards.push(ref);
    else if (isOwnedBy(block, setting.request.node)) {
      if (!isEmpty(block)) continue;
      changes.push({ ref, next: undefined });
    }
    changes.push(forget(affine));
  }
  return { ...draft, changes: [...draft.changes, ...changes], guards: [...draft.guards, ...guards] };
}
