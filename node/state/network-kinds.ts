import type { Ref } from '../../shared/datastore/ref.ts';
import type { WatchedEntry, WatchedKind } from '../../shared/datastore/watch.ts';
import { keysInOrder } from './in-order.ts';
import { KeptObjects } from './kept-objects.ts';
import type { BlockRouting, NetworkState, NodeRouting, PoolRouting, Spec } from './network-state.ts';
import { storedBlock } from './stored-block.ts';
import { storedNode } from './stored-node.ts';
import { storedPool } from './stored-pool.ts';
import { type SpecKind, storedSpec } from './stored-spec.ts';

/** What routing depends on. */
export const NETWORK_KINDS = [
  'IPPool',
  'BGPConfiguration',
  'BGPPeer',
  'BGPFilter',
  'FelixConfiguration',
  'Node',
  'block',
] as const satisfies readonly WatchedKind[];

interface NamedSpec {
  readonly name: string;
  readonly spec: Spec;
}

/** The objects of these kinds, as far as they are kept. */
export interface NetworkObjects extends Readonly<Record<(typeof NETWORK_KINDS)[number], KeptObjects<unknown>>> {
  readonly IPPool: KeptObjects<PoolRouting>;
  readonly BGPConfiguration: KeptObjects<NamedSpec>;
  readonly BGPPeer: KeptObjects<NamedSpec>;
  readonly BGPFilter: KeptObjects<NamedSpec>;
  readonly FelixConfiguration: KeptObjects<NamedSpec>;
  readonly Node: KeptObjects<NodeRouting>;
  readonly block: KeptObjects<BlockRouting>;
}

const nameOf = (ref: Ref): string => ('name' in ref ? ref.name : '');

const specs = (kind: SpecKind): KeptObjects<NamedSpec> =>
  new KeptObjects((entry) => ({ name: nameOf(entry.ref), spec: storedSpec(kind, nameOf(entry.ref), entry) }));

export const networkObjects = (): NetworkObjects => ({
  IPPool: new KeptObjects((entry) => storedPool(nameOf(entry.ref), entry)),
  BGPConfiguration: specs('BGPConfiguration'),
  BGPPeer: specs('BGPPeer'),
  BGPFilter: specs('BGPFilter'),
  FelixConfiguration: specs('FelixConfiguration'),
  Node: new KeptObjects((entry) => storedNode(nameOf(entry.ref), entry)),
  block: new KeptObjects(keptBlock),
});

function keptBlock(entry: WatchedEntry): BlockRouting {
  if (entry.ref.kind !== 'block') throw new Error(`no block: ${entry.at}`);
  return storedBlock(entry.ref.cidr, entry);
}

/** A state, and what it was made of. */
export interface Derived {
  readonly state: NetworkState;
  readonly made: Readonly<Partial<Record<keyof NetworkObjects, Made>>>;
}

/** The objects of one kind, and their places in order. */
interface Made {
  readonly shown: ReadonlyMap<string, unknown>;
  readonly places: readonly string[];
}

/** The state that these objects are; what has not changed since `before` is the same in both. */
export function networkState(node: string, objects: NetworkObjects, before: Derived | undefined): Derived {
  const made = Object.fromEntries(NETWORK_KINDS.map((kind) => [kind, madeOf(objects[kind].shown, before?.made[kind])]));
  const old = before?.state;
  /** What the objects of a kind come to, unless they are as before. */
  const part = <K extends keyof NetworkObjects, T>(kind: K, as: T | undefined, from: (kept: Kept<K>[]) => T): T => {
    const { shown, places } = made[kind] ?? { shown: new Map(), places: [] };
    if (as !== undefined && shown === before?.made[kind]?.shown) return as;
    return from(places.map((at) => shown.get(at) as Kept<K>));
  };
  const specsOf = (kept: readonly NamedSpec[]) => new Map(kept.map(({ name, spec }) => [name, spec]));
  return {
    made,
    state: {
      node,
      nodes: part('Node', old?.nodes, (nodes) => new Map(nodes.map((each) => [each.name, each]))),
      pools: part('IPPool', old?.pools, (pools) => pools),
      blocks: part('block', old?.blocks, (blocks) => blocks),
      bgpConfigurations: part('BGPConfiguration', old?.bgpConfigurations, specsOf),
      bgpPeers: part('BGPPeer', old?.bgpPeers, specsOf),
      bgpFilters: part('BGPFilter', old?.bgpFilters, specsOf),
      felixConfigurations: part('FelixConfiguration', old?.felixConfigurations, specsOf),
      // Followed by themselves, where they are wanted.
      services: NO_SERVICES,
    },
  };
}

const NO_SERVICES: NetworkState['services'] = [];

type Kept<K extends keyof NetworkObjects> = NetworkObjects[K] extends KeptObjects<infer T> ? T : never;

const madeOf = (shown: ReadonlyMap<string, unknown>, before: Made | undefined): Made =>
  before?.shown === shown ? before : { shown, places: keysInOrder(shown, before?.places ?? []) };
