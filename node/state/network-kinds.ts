import type { Entry } from '../../shared/datastore/query.ts';
import type { Ref } from '../../shared/datastore/ref.ts';
import type { WatchedKind } from '../../shared/datastore/watch.ts';
import { byteOrder } from '../../shared/system/byte-order.ts';
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

function keptBlock(entry: Entry): BlockRouting {
  if (entry.ref.kind !== 'block') throw new Error(`no block: ${entry.at}`);
  return storedBlock(entry.ref.cidr, entry);
}

/** The state that these objects are; what has not changed since `before` is the same in both. */
export function networkState(node: string, objects: NetworkObjects, before: Derived | undefined): Derived {
  const from = <K extends keyof NetworkObjects>(kind: K) => objects[kind].shown as NetworkObjects[K]['shown'];
  const isOld = (kind: keyof NetworkObjects) => before?.shown[kind] === objects[kind].shown;
  const specsOf = (kind: SpecKind, old: ReadonlyMap<string, Spec> | undefined): ReadonlyMap<string, Spec> =>
    old !== undefined && isOld(kind) ? old : new Map(sorted(from(kind)).map(({ name, spec }) => [name, spec]));
  const old = before?.state;
  return {
    shown: Object.fromEntries(NETWORK_KINDS.map((kind) => [kind, objects[kind].shown])),
    state: {
      node,
      nodes: old && isOld('Node') ? old.nodes : new Map(sorted(from('Node')).map((each) => [each.name, each])),
      pools: old && isOld('IPPool') ? old.pools : sorted(from('IPPool')),
      blocks: old && isOld('block') ? old.blocks : [...from('block').values()],
      bgpConfigurations: specsOf('BGPConfiguration', old?.bgpConfigurations),
      bgpPeers: specsOf('BGPPeer', old?.bgpPeers),
      bgpFilters: specsOf('BGPFilter', old?.bgpFilters),
      felixConfigurations: specsOf('FelixConfiguration', old?.felixConfigurations),
    },
  };
}

/** A state, and the objects that it was made of. */
export interface Derived {
  readonly state: NetworkState;
  readonly shown: Readonly<Partial<Record<keyof NetworkObjects, ReadonlyMap<string, unknown>>>>;
}

/** By name, which is the last part of the place. */
const sorted = <T>(kept: ReadonlyMap<string, T>): readonly T[] =>
  [...kept].sort(([one], [other]) => byteOrder(one, other)).map(([, each]) => each);
