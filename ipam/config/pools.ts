import { parseSelector } from '../../shared/calico/selector.ts';
import { readerIn, readMetadata, reasonOf } from '../../shared/calico/stored.ts';
import { quote } from '../../shared/cni/quote.ts';
import type { Reader } from '../../shared/cni/reader.ts';
import { type Entry, POOLS } from '../../shared/datastore/query.ts';
import type { View } from '../../shared/datastore/view.ts';
import { type Address, addressBits, type Family } from '../../shared/net/address.ts';
import { type Cidr, contains, parseCidr } from '../../shared/net/cidr.ts';

/** An IPPool with defaults applied. */
export interface Pool {
  readonly name: string;
  readonly cidr: Cidr;
  /** Prefix length of its blocks. */
  readonly blockSize: number;
  readonly nodeSelector: string;
  readonly namespaceSelector: string;
  readonly allowedUses: readonly string[];
  readonly automatic: boolean;
  /** Not disabled, not being deleted, and not marked as not allocatable. */
  readonly enabled: boolean;
}

type Labels = Readonly<Record<string, string>>;

const BLOCK_SIZE: Readonly<Record<Family, number>> = { 4: 26, 6: 122 };

/** The stored pools, and why some are not used. */
export interface PoolsRead {
  /** In name order, including disabled ones. */
  readonly pools: readonly Pool[];
  readonly unread: readonly string[];
}

/** All pools. One with a value of the wrong type is skipped, as Calico does in lists. */
export function poolsIn(view: View): PoolsRead {
  const read = view.list(POOLS).map(decodePool);
  return {
    pools: read.filter((pool) => typeof pool === 'object'),
    unread: read.filter((why) => typeof why === 'string'),
  };
}

/** All pools that can be read. */
export const readPools = (view: View): readonly Pool[] => poolsIn(view).pools;

/** The pool, or why it cannot be used. */
export function decodePool({ ref, at, value }: Entry): Pool | string {
  const name = 'name' in ref ? ref.name : at;
  try {
    return poolOfFields(name, readerIn(`IP pool ${name} is not used`, at, value, 'IPPool'));
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

function poolOfFields(name: string, resource: Reader): Pool {
  const metadata = readMetadata(resource);
  const spec = resource.object('spec');
  requireTypes(spec);
  const cidr = parseCidr(spec.text('cidr'));
  if (cidr === undefined) throw spec.refuse('cidr', `${quote(spec.text('cidr'))} is not a network`);
  const size = spec.int('blockSize');
  const uses = spec.texts('allowedUses');
  const blockSize = size === 0 ? BLOCK_SIZE[cidr.family] : size;
  if (blockSize < 0) throw spec.refuse('blockSize', `${blockSize} is not a prefix length`);
  return {
    name,
    cidr,
    blockSize,
    nodeSelector: spec.text('nodeSelector'),
    namespaceSelector: spec.text('namespaceSelector'),
    allowedUses: uses.length === 0 ? ['Workload', 'Tunnel'] : uses,
    automatic: spec.text('assignmentMode') !== 'Manual',
    enabled: !spec.flag('disabled') && !metadata.has('deletionTimestamp') && !isBarred(resource),
  };
}

/** Checks fields that only other components use: a pool that they cannot read is not used here either. */
function requireTypes(spec: Reader): void {
  for (const field of ['vxlanMode', 'ipipMode']) spec.text(field);
  for (const field of ['natOutgoing', 'nat-outgoing', 'disableBGPExport']) spec.flag(field);
  const old = spec.has('ipip') ? spec.object('ipip') : undefined;
  old?.flag('enabled');
  old?.text('mode');
}

function isBarred(resource: Reader): boolean {
  if (!resource.has('status')) return false;
  const status = resource.object('status');
  const conditions = status.objects('conditions').map((each) => ({ type: each.text('type'), is: each.text('status') }));
  return conditions.some(({ type, is }) => type === 'Allocatable' && is === 'False');
}

/** Whether a pool selects nodes with these labels. Throws when the selector is invalid. */
export const selectsNode = (pool: Pool, labels: Labels): boolean => matches(pool.nodeSelector, labels);
export const selectsNamespace = (pool: Pool, labels: Labels): boolean => matches(pool.namespaceSelector, labels);

/** Like selectsNode, but true when the selector is invalid, so that the node loses no blocks. */
export function maySelect(pool: Pool, labels: Readonly<Record<string, string>>): boolean {
  try {
    return selectsNode(pool, labels);
  } catch {
    return true;
  }
}

const matches = (selector: string, labels: Labels): boolean =>
  selector === '' || selector === 'all()' || parseSelector(selector)(labels);

/** The first pool, in name order, that contains the network or address. */
export const poolOf = (pools: readonly Pool[], at: Cidr | Address): Pool | undefined => {
  const value = 'base' in at ? at.base : at.value;
  return pools.find((pool) => contains(pool.cidr, { family: at.family, value, text: '' }));
};

/** How many blocks fit into a pool: 0 when the block size is larger than the pool or not valid for the family. */
export const blocksIn = (pool: Pool): bigint =>
  pool.blockSize < pool.cidr.length || pool.blockSize > addressBits(pool.cidr.family)
    ? 0n
    : 1n << BigInt(pool.blockSize - pool.cidr.length);
