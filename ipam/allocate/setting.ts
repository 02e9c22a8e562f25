import {
  affinitiesPrefix,
  CONFIG_KEY,
  handleKey,
  nodeKey,
  poolsPrefix,
  reservationsPrefix,
} from '../../shared/calico/keys.ts';
import type { IPAMConfig } from '../../shared/calico/model.ts';
import { type Entry, one, type Read, under, type View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/error.ts';
import { type Affine, affinitiesOf } from '../block/affinity.ts';
import type { Cooling } from '../block/ask.ts';
import { readMetadata, storedReader } from '../block/stored.ts';
import { readConfig } from './config.ts';
import { resolvePools } from './pool-choice.ts';
import { type Pool, poolsIn } from './pools.ts';
import { type AssignRequest, poolsAsked } from './request.ts';
import { type Reservations, reservationsIn } from './reservations.ts';

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

/** What every decision needs to begin: six ranges in one transaction. */
export const firstReads = (request: { readonly node: string; readonly handleID: string }): readonly Read[] => [
  one(CONFIG_KEY),
  under(reservationsPrefix),
  one(nodeKey(request.node)),
  under(poolsPrefix),
  under(affinitiesPrefix(request.node)),
  one(handleKey(request.handleID)),
];

/** Reads the setting out of what firstReads fetched; throws CniError 999 in the order in which the original looks. */
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

/** The labels of a node; undefined when no Node resource is there that can be read. */
export function labelsOf(view: View, node: string): Readonly<Record<string, string>> | undefined {
  const entry = view.get(nodeKey(node));
  try {
    return entry && labelsIn(entry);
  } catch {
    return undefined;
  }
}

/** As labelsOf, for callers that cannot go on without; throws CniError 999 in the original's words. */
export function requiredLabels(view: View, node: string): Readonly<Record<string, string>> {
  const entry = view.get(nodeKey(node));
  if (entry !== undefined) return labelsIn(entry);
  throw failure(
    `resource does not exist: Node(${node}) with error: <nil>`,
    `No Node resource at ${nodeKey(node)}: start calico-node there, or set nodename to the name that it registered`,
  );
}

const labelsIn = ({ key, value }: Entry): Readonly<Record<string, string>> =>
  readMetadata(storedReader(key, value, 'Node')).textMap('labels');
