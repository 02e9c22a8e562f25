import type { Cidr } from '../net/cidr.ts';
import { byteOrder } from '../system/byte-order.ts';
import { type Ref, type RefKind, textOf } from './ref.ts';

/** Where a search for blocks begins: at the block `start` of a pool. It continues to the pool's end, then from its beginning. */
export interface BlockSearch {
  readonly pool: { readonly cidr: Cidr; readonly blockSize: number };
  readonly start: Cidr;
  /** Addresses that cannot be used: blocks within one of these spans may be skipped. */
  readonly except?: readonly Span[];
  /** The `next` of the previous answer; undefined to begin. */
  readonly after?: Cursor | undefined;
}

/** The addresses from `from` up to, but not including, `to`, as numbers. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where a search continues. Only the adapter that created it can read it. */
export type Cursor = string;

/** All objects of a kind, or those that the other fields select. */
export interface ListQuery {
  readonly all: Exclude<RefKind, 'unknown'>;
  /** Affinities: the node that owns them. */
  readonly node?: string;
  readonly namespace?: string;
  /** The prefix of the names (a handle's id, a resource's name). */
  readonly prefix?: string;
  /** Also what lies among the objects under names that Calico never gives, each of the kind 'unknown'. */
  readonly strays?: true;
  /** Of endpoints only who has which address: values may leave out the rest. For scans of many. */
  readonly brief?: true;
  /** Names without values: the answer has `refs` and no entries. */
  readonly only?: 'names';
}

/** One question to the datastore, in Calico's terms. */
export type Query =
  | { readonly get: Ref }
  | ListQuery
  /** Unclaimed blocks of a pool: the answer's `refs`, each known not to exist or among `entries`. */
  | { readonly freeBlocks: BlockSearch }
  /** Existing blocks of a pool: the answer's `entries`. */
  | { readonly usedBlocks: BlockSearch };

/** The state of an object when it was read; only the adapter that created it compares it. Printed as resourceVersion. */
export type Version = string;

/** An object as the datastore holds it. */
export interface Entry {
  readonly ref: Ref;
  /** Where it is stored, for errors and logs: an etcd key, or a Kubernetes resource and name. */
  readonly at: string;
  /** JSON of Calico's model, as etcd stores it. */
  readonly value: string;
  readonly version: Version;
  /** What is wrong with how it is stored, apart from its value; only scans that look for strays report it. */
  readonly oddity?: Oddity;
}

/** `half deleted`: only marked as deleted. `unlabelled`: without the labels by which a list of some finds it. */
export type Oddity = 'half deleted' | 'unlabelled';

export interface Answer {
  readonly entries: readonly Entry[];
  /** Names only: of a query for names, or the candidates of `freeBlocks` in the order of the search. */
  readonly refs: readonly Ref[];
  /** Where the search continues; undefined at its end. A page may be empty and still have a next. */
  readonly next?: Cursor | undefined;
}

export const get = (ref: Ref): Query => ({ get: ref });
export const POOLS: ListQuery = { all: 'IPPool' };
export const RESERVATIONS: ListQuery = { all: 'IPReservation' };
export const affinitiesOf = (node: string): ListQuery => ({ all: 'affinity', node });
/** The endpoints of a namespace whose names begin with `prefix`. */
export const endpointsOf = (namespace: string, prefix: string): ListQuery => ({
  all: 'WorkloadEndpoint',
  namespace,
  prefix,
});
export const BLOCK_NAMES: ListQuery = { all: 'block', only: 'names' };
export const ENDPOINT_NAMES: ListQuery = { all: 'WorkloadEndpoint', only: 'names' };
export const handlesBeginning = (prefix: string): ListQuery => ({ all: 'handle', prefix });

/** Whether a list holds an object of this name, if the object exists. */
export function selects({ all, node, namespace, prefix, strays }: ListQuery, ref: Ref): boolean {
  if (ref.kind === 'unknown') return strays === true && ref.among === all;
  if (ref.kind !== all) return false;
  if (node !== undefined && !(ref.kind === 'affinity' && ref.type === 'host' && ref.node === node)) return false;
  if (namespace !== undefined && !('namespace' in ref && ref.namespace === namespace)) return false;
  return prefix === undefined || nameOf(ref).startsWith(prefix);
}

const nameOf = (ref: Ref): string => ('name' in ref ? ref.name : ref.kind === 'handle' ? ref.id : '');

/** Two queries of one text have the same answer. */
export function queryText(query: Query): string {
  if ('get' in query) return textOf(query.get);
  if ('all' in query)
    return JSON.stringify([
      query.all,
      query.node,
      query.namespace,
      query.prefix,
      query.strays,
      query.brief,
      query.only,
    ]);
  const [what, { pool, start, except = [], after }] =
    'freeBlocks' in query ? (['free', query.freeBlocks] as const) : (['used', query.usedBlocks] as const);
  const spans = except.map(({ from, to }) => `${from}-${to}`);
  return JSON.stringify([what, pool.cidr.text, pool.blockSize, start.text, spans, after]);
}

/** The order of a list: by namespace and name; blocks and affinities by owner, family and network as text. */
export const listOrder = (one: Ref, other: Ref): number => byteOrder(sortText(one), sortText(other));

function sortText(ref: Ref): string {
  switch (ref.kind) {
    case 'block':
      return `${ref.cidr.family} ${ref.cidr.text.replace('/', '-')}`;
    case 'affinity':
      return `${ref.type} ${ref.node} ${ref.cidr.family} ${ref.cidr.text.replace('/', '-')}`;
    case 'handle':
      return ref.id;
    case 'ipamHost':
      return ref.node;
    case 'ipamConfig':
      return '';
    case 'unknown':
      return ref.at;
    default:
      return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  }
}
