import { poolsPrefix } from '../shared/calico/keys.ts';
import { parseSelector } from '../shared/calico/selector.ts';
import type { Entry, View } from '../shared/etcd/view.ts';
import { type Address, addressBits, type Family } from '../shared/net/address.ts';
import { type Cidr, contains, parseCidr } from '../shared/net/cidr.ts';
import { asObject, isInteger, objectOrNothing } from './stored.ts';

/** An IPPool with its defaults filled in. */
export interface Pool {
  readonly key: string;
  readonly name: string;
  readonly cidr: Cidr;
  /** Prefix length of its blocks. */
  readonly blockSize: number;
  readonly nodeSelector: string;
  readonly namespaceSelector: string;
  readonly allowedUses: readonly string[];
  readonly automatic: boolean;
  /** Neither disabled, nor being deleted, nor marked as not allocatable. */
  readonly enabled: boolean;
}

type Labels = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

const BLOCK_SIZE: Readonly<Record<Family, number>> = { 4: 26, 6: 122 };

/** All pools in name order, disabled ones too; what cannot be read is passed over, as Calico does in lists. */
export const readPools = (view: View): readonly Pool[] =>
  view.list(poolsPrefix).flatMap((entry) => decodePool(entry) ?? []);

function decodePool({ key, value }: Entry): Pool | undefined {
  const resource = objectOrNothing(key, value);
  const spec = asObject(resource?.['spec']);
  const cidr = parseCidr(String(spec?.['cidr']));
  if (resource === undefined || spec === undefined || cidr === undefined) return undefined;
  const size = spec['blockSize'];
  const uses = stringList(spec['allowedUses']);
  return {
    key,
    name: key.slice(poolsPrefix.length),
    cidr,
    blockSize: isInteger(size) && size > 0 ? Number(size) : BLOCK_SIZE[cidr.family],
    nodeSelector: stringOf(spec['nodeSelector']),
    namespaceSelector: stringOf(spec['namespaceSelector']),
    allowedUses: uses.length === 0 ? ['Workload', 'Tunnel'] : uses,
    automatic: stringOf(spec['assignmentMode']) !== 'Manual',
    enabled: isEnabled(resource, spec),
  };
}

function isEnabled(resource: Fields, spec: Fields): boolean {
  const conditions = asObject(resource['status'])?.['conditions'];
  const barred = (Array.isArray(conditions) ? conditions : []).some(
    (condition) => condition?.type === 'Allocatable' && condition?.status === 'False',
  );
  const deleted = asObject(resource['metadata'])?.['deletionTimestamp'] ?? null;
  return spec['disabled'] !== true && deleted === null && !barred;
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const stringList = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** Whether a pool is for nodes with these labels; throws on a selector that cannot be read. */
export const selectsNode = (pool: Pool, labels: Labels): boolean => matches(pool.nodeSelector, labels);
export const selectsNamespace = (pool: Pool, labels: Labels): boolean => matches(pool.namespaceSelector, labels);

const matches = (selector: string, labels: Labels): boolean =>
  selector === '' || selector === 'all()' || parseSelector(selector)(labels);

/** The first pool, in name order, that contains the network or address. */
export const poolOf = (pools: readonly Pool[], at: Cidr | Address): Pool | undefined => {
  const value = 'base' in at ? at.base : at.value;
  return pools.find((pool) => contains(pool.cidr, { family: at.family, value, text: '' }));
};

/** How many blocks a pool has room for: none when its blocks would be larger than the pool or than addresses are long. */
export const blocksIn = (pool: Pool): bigint =>
  pool.blockSize < pool.cidr.length || pool.blockSize > addressBits(pool.cidr.family)
    ? 0n
    : 1n << BigInt(pool.blockSize - pool.cidr.length);
