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
import { type AssignRequest, namesAddresses, poolsAsked } from './request.ts';

/** What the first read found: the basis of one ADD's decision. */
export interface Setting {
  readonly request: AssignRequest;
  readonly config: IPAMConfig;
  readonly pools: readonly Pool[];
  readonly reservations: Reservations;
  /** This node's claims, of both families. */
  readonly affine: readonly Affine[];
  /** Why pools and reservations were skipped, one sentence each. */
  readonly unread: readonly string[];
  /** CIDRs of claimed blocks that are missing though their addresses may be in use: nothing is assigned from them. */
  readonly lost: ReadonlySet<string>;
}

/** What every decision reads first: six queries, read at once. */
export const firstReads = (request: { readonly node: string; readonly handleID: string }): readonly Query[] => [
  get(IPAM_CONFIG),
  RESERVATIONS,
  get(nodeRef(request.node)),
  POOLS,
  queryAffinities(request.node),
  get(handleRef(request.handleID)),
];

/** Decodes what firstReads fetched. Throws a Failure; of several errors the one that Calico would find first. */
export function readSetting(view: View, request: AssignRequest): Setting {
  const { pools, unread } = poolsIn(view);
  if (!namesAddresses(request)) {
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
