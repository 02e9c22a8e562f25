import { objectOf } from '../../ctl/resource/shape.ts';
import { selectsNode } from '../../ipam/config/pools.ts';
import { type Holder, holdersOf } from '../../ipam/release/release-address.ts';
import { readerIn, readMetadata } from '../../shared/calico/stored.ts';
import type { Reader } from '../../shared/cni/reader.ts';
import { type Entry, get, POOLS } from '../../shared/datastore/query.ts';
import { handleRef, nodeRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { contains } from '../../shared/net/cidr.ts';
import type { PoolRouting } from '../state/network-state.ts';
import { storedPool } from '../state/stored-pool.ts';
import type { TunnelKind } from './tunnel-kind.ts';

/** What is to become of a node's tunnel address, as calico/node decides it. */
export interface TunnelDecision {
  /** What the Node has; '' for nothing. */
  readonly stored: string;
  /** Release what the handle holds. */
  readonly isReleased: boolean;
  /** An address of the time before handles, which is released by itself. */
  readonly unnamed: string | undefined;
  /** Networks of the pools that a new address comes from; undefined if none is needed. */
  readonly pools: readonly string[] | undefined;
  /** The Node is to have no address any more. */
  readonly isCleared: boolean;
}

const KEEP: Omit<TunnelDecision, 'stored'> = {
  isReleased: false,
  unnamed: undefined,
  pools: undefined,
  isCleared: false,
};

/** Looks at a node's tunnel address of a kind. Undefined where the node is not registered. */
export function* decideTunnel(node: string, kind: TunnelKind, now: bigint): Plan<Outcome<TunnelDecision | undefined>> {
  const handle = handleRef(kind.handle + node);
  const view = yield [get(nodeRef(node)), POOLS, get(handle)];
  const entry = view.get(nodeRef(node));
  if (entry === undefined) return { changes: [], answer: undefined };
  const resource = readerIn('the node is not used', entry.at, entry.value, 'Node');
  const stored = storedTunnel(resource.object('spec'), kind);
  const pools = poolsFor(view, readMetadata(resource).textMap('labels'), kind);
  const [holder] = parseAddress(stored) === undefined ? [] : yield* holdersOf([stored], now);
  const found = { node, kind, stored, pools, holder, isHandled: view.get(handle) !== undefined };
  return { changes: [], answer: { stored, ...fateOf(found) } };
}

const storedTunnel = (spec: Reader, { field: [outer, inner] }: TunnelKind): string =>
  inner === undefined ? spec.text(outer) : spec.object(outer).text(inner);

/** Enabled pools that use the tunnel, may give it addresses, and select the node. One that cannot be read is no reason. */
const poolsFor = (view: View, labels: Readonly<Record<string, string>>, kind: TunnelKind): readonly PoolRouting[] =>
  view
    .list(POOLS)
    .flatMap(readable)
    .filter((each) => kind.uses(each) && each.pool.cidr.family === kind.family)
    .filter(({ pool }) => pool.enabled && pool.allowedUses.includes('Tunnel') && selects(pool, labels));

function readable(entry: Entry): readonly PoolRouting[] {
  try {
    return [storedPool(entry.at, entry)];
  } catch {
    return [];
  }
}

function selects(pool: PoolRouting['pool'], labels: Readonly<Record<string, string>>): boolean {
  try {
    return selectsNode(pool, labels);
  } catch {
    return false;
  }
}

interface Circumstances {
  readonly node: string;
  readonly kind: TunnelKind;
  readonly stored: string;
  readonly pools: readonly PoolRouting[];
  readonly holder: Holder | undefined;
  /** There is a handle of the name. */
  readonly isHandled: boolean;
}

/** The rules of calico/node. */
function fateOf(found: Circumstances): Omit<TunnelDecision, 'stored'> {
  const { stored, pools, holder } = found;
  const isUnnamed = holder !== undefined && holder.handleID === undefined && isEmpty(holder.attributes);
  const unnamed = isUnnamed ? stored : undefined;
  if (pools.length === 0) {
    const isNothing = stored === '' && !found.isHandled;
    return isNothing ? KEEP : { ...KEEP, isReleased: true, unnamed, isCleared: stored !== '' };
  }
  const isOwn = holder !== undefined && isOfNode(found, holder);
  if (isOwn && isWithin(pools, stored)) return KEEP;
  // Another's address is not ours to release.
  const isReleased = holder === undefined || isOwn;
  return { ...KEEP, isReleased, unnamed, pools: pools.map(({ pool }) => pool.cidr.text) };
}

const isEmpty = (attributes: object): boolean => Object.keys(objectOf(attributes) ?? {}).length === 0;

const isOfNode = ({ node, kind }: Circumstances, { attributes }: Holder): boolean =>
  attributes['type'] === kind.type && attributes['node'] === node;

function isWithin(pools: readonly PoolRouting[], text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && pools.some(({ pool }) => contains(pool.cidr, address));
}
