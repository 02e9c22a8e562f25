import { endpointOf } from '../../shared/calico/workload-endpoint.ts';
import { affinityRef, endpointRef, handleRef } from '../../shared/datastore/ref.ts';
import { blockKey, keyOf } from '../../shared/etcd/keys.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import type { Dump, Etcd } from '../support/etcd/etcd.ts';
import { node, pool } from '../support/stored/cluster.ts';

/** Room for 16,384 blocks of 64 addresses. The first pool is the one that gets filled. */
export const BIG_POOL: Dump = pool('big', '10.64.0.0/12');
/** Of the same size, for another cluster on the same machine, which cannot route one address twice. */
export const OTHER_BIG_POOL: Dump = pool('big', '10.128.0.0/12');

const ADDRESSES = 64;
const ORDINALS: readonly number[] = Array.from({ length: ADDRESSES }, (_, ordinal) => ordinal);
const BLOCKS_PER_NODE = 2;
/** etcd accepts 1.5 MiB and 128 operations in one request. */
const MOST_BYTES = 1_200_000;
const MOST_OPERATIONS = 128;

/**
 * Fills etcd with full blocks, contiguous from the pool's start, two per node, each address with a handle ID and
 * attributes like those of Kubernetes pods, and with nodes and affinities. `more`: what else belongs to a block. Returns a block's
 * size in bytes.
 */
export async function fill(etcd: Etcd, blocks: number, more: (index: number) => Dump = () => ({})): Promise<number> {
  let batch: [string, string][] = [];
  let bytes = 0;
  const send = async () => {
    await etcd.post('kv/txn', {
      success: batch.map(([key, value]) => ({ request_put: { key: b64(key), value: b64(value) } })),
    });
    [batch, bytes] = [[], 0];
  };
  for (let index = 0; index < blocks; index++) {
    for (const entry of Object.entries({ ...blockAndOwner(index), ...more(index) })) {
      const size = entry.join('').length;
      if (bytes + size > MOST_BYTES || batch.length === MOST_OPERATIONS) await send();
      batch.push(entry);
      bytes += size;
    }
  }
  await send();
  return fullBlock(0, 'worker-0').length;
}

const b64 = (text: string) => Buffer.from(text).toString('base64');

function blockAndOwner(index: number): Dump {
  const owner = ownerOf(index);
  const cidr = parseCidr(cidrOf(index));
  if (cidr === undefined) throw new Error(`No block ${index}`);
  return {
    [blockKey(cidr)]: fullBlock(index, owner),
    [keyOf(affinityRef(owner, cidr))]: '{"state":"confirmed","deleted":false}',
    ...(index % BLOCKS_PER_NODE === 0 ? node(owner, '10.0.0.1/24') : {}),
  };
}

const ownerOf = (index: number): string => `worker-${String(Math.floor(index / BLOCKS_PER_NODE)).padStart(5, '0')}`;

const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => ((0x0a400000 + number) >>> shift) & 0xff).join('.');

/** The pool's block by number: 10.64.0.0/26, 10.64.0.64/26 … */
const cidrOf = (index: number): string => `${addressOf(index * ADDRESSES)}/26`;

const sequence = (number: number): bigint => NANOSECONDS + BigInt(number);
const containerOf = (number: number): string => sequence(number).toString(16).padStart(64, 'c');
const podOf = (number: number): string => `cart-7c9d8b5f4d-${number.toString(36).padStart(5, 'x')}`;

/** The handles and endpoints of a block's addresses. */
export function podsOf(index: number): Dump {
  const pods = ORDINALS.map((ordinal) => {
    const number = index * ADDRESSES + ordinal;
    const id = `k8s-pod-network.${containerOf(number)}`;
    const handle = { handleID: id, block: { [cidrOf(index)]: 1 }, deleted: false };
    return { [keyOf(handleRef(id))]: JSON.stringify(handle), ...endpoint(ownerOf(index), number) };
  });
  return Object.assign({}, ...pods);
}

function endpoint(owner: string, number: number): Dump {
  const containerID = containerOf(number);
  const identity = {
    orchestrator: 'k8s',
    node: owner,
    namespace: 'checkout',
    containerID,
    pod: podOf(number),
  } as const;
  const endpointName = [owner, 'k8s', podOf(number), 'eth0'].map((part) => part.replaceAll('-', '--')).join('-');
  const hostVeth = `cali${number.toString(16).padStart(11, '0')}`;
  const content = { addresses: [addressOf(number)], mac: 'ee:ee:ee:ee:ee:ee', profiles: ['kns.checkout'], labels: {} };
  const object = { uid: '00000000-0000-0000-0000-000000000001', creationTimestamp: '2026-11-21T08:31:18Z' };
  const whole = endpointOf({ ...identity, endpoint: 'eth0', endpointName, hostVeth }, content, object);
  return { [keyOf(endpointRef('checkout', endpointName))]: JSON.stringify(whole) };
}

const NANOSECONDS = 1_795_249_878_365_470_400n;

function fullBlock(index: number, owner: string): string {
  const first = index * ADDRESSES;
  const attributes = ORDINALS.map((ordinal) => ({
    handle_id: `k8s-pod-network.${containerOf(first + ordinal)}`,
    secondary: {
      namespace: 'checkout',
      node: owner,
      pod: podOf(first + ordinal),
      timestamp: '2026-11-21 08:31:18.35522638 +0000 UTC',
    },
  }));
  const known = { cidr: cidrOf(index), affinity: `host:${owner}`, affinity_claim_time: '2026-11-21T08:31:18Z' };
  const text = JSON.stringify({ ...known, allocations: ORDINALS, unallocated: [], attributes });
  const sequences = ORDINALS.map((ordinal) => `"${ordinal}":${sequence(first + ordinal)}`).join(',');
  const numbers = `"sequenceNumber":${sequence(first + ADDRESSES)},"sequenceNumberForAllocation":{${sequences}}`;
  return `${text.slice(0, -1)},${numbers},"deleted":false}`;
}
