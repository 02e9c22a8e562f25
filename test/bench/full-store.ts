import { affinityRef } from '../../shared/datastore/ref.ts';
import { blockKey, keyOf } from '../../shared/etcd/keys.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import type { Dump, Etcd } from '../support/etcd/etcd.ts';
import { node, pool } from '../support/stored/cluster.ts';

/** Room for 16,384 blocks of 64 addresses. The first pool is the one that gets filled. */
export const BIG_POOL: Dump = pool('big', '10.64.0.0/12');
/** Of the same size, for another cluster on the same machine, which cannot route one address twice. */
export const OTHER_BIG_POOL: Dump = pool('big', '10.128.0.0/12');

const ADDRESSES = 64;
const BLOCKS_PER_NODE = 2;
/** etcd accepts 1.5 MiB and 128 operations in one request. */
const MOST_BYTES = 1_200_000;
const MOST_OPERATIONS = 128;

/**
 * Fills etcd with full blocks, contiguous from the pool's start, two per node, each address with a handle and
 * attributes like those of Kubernetes pods, and with nodes and affinities. Returns a block's size in bytes.
 */
export async function fill(etcd: Etcd, blocks: number): Promise<number> {
  let batch: [string, string][] = [];
  let bytes = 0;
  const send = async () => {
    await etcd.post('kv/txn', {
      success: batch.map(([key, value]) => ({ request_put: { key: b64(key), value: b64(value) } })),
    });
    [batch, bytes] = [[], 0];
  };
  for (let index = 0; index < blocks; index++) {
    const entries = Object.entries(blockAndOwner(index));
    const size = entries.reduce((total, [key, value]) => total + key.length + value.length, 0);
    if (bytes + size > MOST_BYTES || batch.length + entries.length > MOST_OPERATIONS) await send();
    batch.push(...entries);
    bytes += size;
  }
  await send();
  return fullBlock(0, 'worker-0').length;
}

const b64 = (text: string) => Buffer.from(text).toString('base64');

function blockAndOwner(index: number): Dump {
  const owner = `worker-${String(Math.floor(index / BLOCKS_PER_NODE)).padStart(5, '0')}`;
  const cidr = parseCidr(cidrOf(index));
  if (cidr === undefined) throw new Error(`No block ${index}`);
  return {
    [blockKey(cidr)]: fullBlock(index, owner),
    [keyOf(affinityRef(owner, cidr))]: '{"state":"confirmed","deleted":false}',
    ...(index % BLOCKS_PER_NODE === 0 ? node(owner, '10.0.0.1/24') : {}),
  };
}

/** The pool's block by number: 10.64.0.0/26, 10.64.0.64/26 … */
function cidrOf(index: number): string {
  const address = 0x0a400000 + index * ADDRESSES;
  return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')}/26`;
}

const NANOSECONDS = 1_795_249_878_365_470_400n;

function fullBlock(index: number, owner: string): string {
  const ordinals = Array.from({ length: ADDRESSES }, (_, ordinal) => ordinal);
  const sequence = (ordinal: number) => NANOSECONDS + BigInt(index * ADDRESSES + ordinal);
  const attributes = ordinals.map((ordinal) => ({
    handle_id: `k8s-pod-network.${sequence(ordinal).toString(16).padStart(64, 'c')}`,
    secondary: {
      namespace: 'checkout',
      node: owner,
      pod: `cart-7c9d8b5f4d-${(index * ADDRESSES + ordinal).toString(36).padStart(5, 'x')}`,
      timestamp: '2026-11-21 08:31:18.35522638 +0000 UTC',
    },
  }));
  const known = { cidr: cidrOf(index), affinity: `host:${owner}`, affinity_claim_time: '2026-11-21T08:31:18Z' };
  const text = JSON.stringify({ ...known, allocations: ordinals, unallocated: [], attributes });
  const sequences = ordinals.map((ordinal) => `"${ordinal}":${sequence(ordinal)}`).join(',');
  const numbers = `"sequenceNumber":${sequence(ADDRESSES)},"sequenceNumberForAllocation":{${sequences}}`;
  return `${text.slice(0, -1)},${numbers},"deleted":false}`;
}
