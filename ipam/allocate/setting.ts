import type { IPAMConfig } from '../../shared/calico/model.ts';
import { get, POOLS, type Query, affinitiesOf as queryAffinities, RESERVATIONS } from '../../shared/datastore/query.ts';
import { handleRef, IPAM_CONFIG, nodeRef } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import { type Affine, affinitiesOf } from '../block/affinity.ts';
import type { Cooling } from '../block/ask.ts';
import { readConfig } from '../config/ipam-config.ts';
import { type Pool, poolsIn } from '../config/pools.ts';
import { type Reservations, reservationsIn } from '../config/reservations.ts';
import { resolvePools } from './pool-choice.ts';
import { type AssignRequest, poolsAsked } from './request.ts';

/** What holds for one ADD, as the first read found it. */
export interface Setting {
  readonly request: AssignRequest;
  readonly config: IPAMConfig;
  readonly pools: readonly Pool[];
  readonly reservations: Reservations;
  /** This node's claims on blocks, of both families. */
  readonly affine: readonly Affine[];
  /** Why pools and reservations do not count, a sentence each. */
  readonly unread: readonly string[];
  /** CIDRs of claimed blocks that are gone though their addresses may be in use: nothing is taken from them. */
  readonly lost: ReadonlySet<string>;
}

/** What every decision needs to begin: six queries, read at once. */
export const firstReads = (request: { readonly node: string; readonly handleID: string }): readonly Query[] => [
  get(IPAM_CONFIG),
  RESERVATIONS,
  get(nodeRef(request.node)),
  POOLS,
  queryAffinities(request.node),
  get(handleRef(request.handleID)),
];

/** Reads the setting out of what firstReads fetched; throws a Failure in the order in which the original looks. */
export function readSetting(view: View, request: AssignRequest): Setting {
  const { pools, unread } = poolsIn(view);
  if (request.fixed.length === 0) {
    for (const family of [4, 6] as const) resolvePools(pools, poolsAsked(request, family), family);
  }
  const { reservations, unread: unreadReservations } = reservationsIn(view);
  return {
    request,
    config: readConfig(view),
    pools,
    reservations,
    affine: affinitiesOf(view, request.node),
    unread: [...unread, ...unreadReservations],
    lost: new Set(),
  };
}

export const coolingOf = ({ request, config }: Setting): Cooling => ({
  now: request.now,
  cooldown: config.ipCooldownSeconds,
});
