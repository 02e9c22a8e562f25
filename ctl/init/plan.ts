import { type Pool, readPools } from '../../ipam/config/pools.ts';
import type { ResourceKind } from '../../shared/calico/resource-kind.ts';
import { POOLS } from '../../shared/datastore/query.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import type { Stamp } from '../change/metadata.ts';
import { write } from '../change/write.ts';
import { kindOf } from '../kinds/kinds.ts';
import { API_VERSION, type Fields } from '../resource/resource.ts';

/** What a step of init found or created. */
export interface InitStep {
  readonly made: boolean;
  /** e.g. `IPPool(default-ipv4-ippool) 192.168.0.0/16, blocks of /26`. */
  readonly what: string;
}

/** A requested pool. Without a block size: the default, or that of the existing pool. */
export interface PoolAsked {
  readonly cidr: Cidr;
  readonly blockSize: number | undefined;
}

/** Creates a pool unless one with this CIDR exists. Throws Refused when it overlaps another, and a Failure when its block size differs. */
export function* initPool({ cidr, blockSize }: PoolAsked, stamp: Stamp): Plan<Outcome<InitStep>> {
  const pools = readPools(yield [POOLS]);
  const there = pools.find((pool) => pool.cidr.text === cidr.text);
  if (there !== undefined) {
    refuseOtherBlocks(there, blockSize);
    return { changes: [], answer: { made: false, what: textOf(there.name, cidr, there.blockSize) } };
  }
  const name = freeName(pools, cidr);
  const size = blockSize === undefined ? {} : { blockSize };
  const { answer, ...outcome } = yield* make(
    'IPPool',
    name,
    { cidr: cidr.text, natOutgoing: cidr.family === 4, ...size },
    stamp,
  );
  return { ...outcome, answer: { made: true, what: textOf(name, cidr, Number(answer.spec?.['blockSize'])) } };
}

const textOf = (name: string, { text }: Cidr, size: number): string => `IPPool(${name}) ${text}, blocks of /${size}`;

function refuseOtherBlocks({ name, blockSize }: Pool, asked: number | undefined): void {
  if (asked === undefined || asked === blockSize) return;
  throw failure(
    `IPPool(${name}) has blocks of /${blockSize}, not of /${asked}`,
    'the block size of a pool cannot be changed: omit --block-size, or create another pool',
  );
}

/** The name that Calico's own installation gives, or one made from the CIDR. */
function freeName(pools: readonly Pool[], { family, text }: Cidr): string {
  const usual = `default-ipv${family}-ippool`;
  if (!pools.some(({ name }) => name === usual)) return usual;
  return `ippool-${text.replaceAll(/[.:/]+/g, '-')}`;
}

/** Decides how a resource of a kind with a schema is created. */
export function make(kindName: ResourceKind, name: string, spec: Fields, stamp: Stamp) {
  const kind = kindOf(kindName);
  const given = { kind: kindName, apiVersion: API_VERSION, metadata: { name }, spec };
  return write({ manner: 'create', kind, given, stamp });
}
