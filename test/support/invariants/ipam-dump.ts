import { parseJson } from '../../../shared/calico/json.ts';
import type { Block, IPPoolSpec } from '../../../shared/calico/model.ts';
import { parseAffinityKey, parseBlockKey } from '../../../shared/etcd/keys.ts';
import { type Cidr, parseCidr } from '../../../shared/net/cidr.ts';

/** etcd's keys and values. */
export type Dump = Readonly<Record<string, string>>;

/** IPAM's data in etcd. */
export interface Stored {
  readonly blocks: readonly SeenBlock[];
  readonly handles: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly claims: readonly { readonly owner: string; readonly cidr: Cidr; readonly state: string }[];
  readonly pools: readonly { readonly cidr: Cidr; readonly blockSize: number }[];
  readonly cooldown: number;
}

export interface SeenBlock extends Block {
  readonly key: string;
  readonly at: Cidr;
}

const HANDLES = '/calico/ipam/v2/handle/';
const POOLS = '/calico/resources/v3/projectcalico.org/ippools/';
const CONFIG = '/calico/ipam/v2/config';
/** The blocks of a dump. */
export function blocksOf(dump: Dump): readonly SeenBlock[] {
  return Object.entries(dump).flatMap(([key, value]) => {
    const at = parseBlockKey(key);
    if (at === undefined) return [];
    const block = parseJson(key, value) as Block;
    return { ...block, key, at, sequenceNumber: BigInt(block.sequenceNumber) };
  });
}

/** All of IPAM's data in etcd. */
export function readDump(dump: Dump): Stored {
  const read = (key: string, value: string) => parseJson(key, value) as Readonly<Record<string, unknown>>;
  const under = (prefix: string) => Object.entries(dump).filter(([key]) => key.startsWith(prefix));
  return {
    blocks: blocksOf(dump),
    handles: new Map(
      under(HANDLES).map(([key, value]) => [
        key.slice(HANDLES.length),
        read(key, value)['block'] as Record<string, number>,
      ]),
    ),
    claims: Object.entries(dump).flatMap(([key, value]) => {
      const claim = parseAffinityKey(key);
      const state = claim && value !== '' ? String(read(key, value)['state']) : '';
      return claim === undefined ? [] : { owner: `${claim.type}:${claim.node}`, cidr: claim.cidr, state };
    }),
    pools: under(POOLS).flatMap(([key, value]) => {
      const spec = read(key, value)['spec'] as IPPoolSpec;
      const cidr = parseCidr(spec.cidr);
      return cidr === undefined ? [] : { cidr, blockSize: spec.blockSize ?? (cidr.family === 4 ? 26 : 122) };
    }),
    cooldown: Number(read(CONFIG, dump[CONFIG] ?? '{}')['ipCooldownSeconds'] ?? 0),
  };
}
