import type { WorkloadEndpoint } from '../../../shared/calico/model.ts';
import { parseAddress } from '../../../shared/net/address.ts';
import { contains, nthAddress } from '../../../shared/net/cidr.ts';
import { type Dump, readDump, type SeenBlock, type Stored } from './ipam-dump.ts';
import { transitionViolations } from './transitions.ts';

/** A store without transactions, before and after a single write. */
export interface Write {
  readonly before: Dump;
  readonly after: Dump;
}

/** The node on which a handle's container runs. */
export type NodeOf = (handleID: string) => string;

interface Seen extends Write {
  readonly network: string;
  readonly isOwn: (block: SeenBlock, handleID: string) => boolean;
  readonly was: Stored;
  readonly is: Stored;
}

/**
 * What must hold after every single write to a store without transactions. Not here is what the store does not show: K2 is the
 * store's own comparison, K9 an order of reads, K10 is shown by lost answers, K12 is about pods.
 */
const AT_EVERY_WRITE: Readonly<Record<string, (seen: Seen) => readonly string[]>> = {
  'K1 one write changes one object': ({ before, after }) => {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const changed = keys.filter((key) => before[key] !== after[key]);
    return changed.length > 1 ? [changed.join(' and ')] : [];
  },
  'K3 a handle counts no address of an own block that the block does not hold': ({ is, isOwn }) =>
    counts(is).flatMap(({ handleID, count, block }) =>
      block !== undefined && isOwn(block, handleID) && count > heldBy(block, handleID).length
        ? `${handleID} counts ${count} in ${block.cidr}`
        : [],
    ),
  'K4 a foreign block holds no address that its handle does not count': ({ is, isOwn }) =>
    is.blocks.flatMap((block) =>
      handlesIn(block)
        .filter((handleID) => !isOwn(block, handleID))
        .filter((handleID) => heldBy(block, handleID).length > (is.handles.get(handleID)?.[block.cidr] ?? 0))
        .map((handleID) => `${handleID} has more in ${block.cidr} than it counts`),
    ),
  'K5 an owned block has an affinity of its owner': ({ is }) =>
    is.blocks.flatMap(({ cidr, affinity }) =>
      affinity === null || is.claims.some((claim) => claim.owner === affinity && claim.cidr.text === cidr)
        ? []
        : `${cidr} of ${affinity} has none`,
    ),
  'K6 an affinity is confirmed only while the block is its node’s': ({ was, is }) =>
    is.claims.flatMap(({ owner, cidr, state }) => {
      const before = was.claims.find((claim) => claim.owner === owner && claim.cidr.text === cidr.text);
      const isNew = state === 'confirmed' && before?.state !== 'confirmed';
      const isOwned = is.blocks.some((block) => block.cidr === cidr.text && block.affinity === owner);
      return isNew && !isOwned ? `${owner} confirms ${cidr.text}` : [];
    }),
  'K7 an endpoint is there only while its addresses are held': ({ after, is, network }) => unheld(after, is, network),
  'K8 nothing is marked as deleted': ({ after }) =>
    Object.entries(after).flatMap(([key, value]) => (value.includes('"deleted":true') ? key : [])),
  'K11 every write of a block adds one to its sequence number': ({ before, after }) =>
    transitionViolations(before, after, { automatic: false }),
};

/** What a single write of ours violates: one line each, beginning with the invariant. */
export function stepViolations({ before, after }: Write, nodeOf: NodeOf, network = 'net1'): readonly string[] {
  const isOwn = (block: SeenBlock, handleID: string) => block.affinity === `host:${nodeOf(handleID)}`;
  const seen = { before, after, isOwn, network, was: readDump(before), is: readDump(after) };
  return Object.entries(AT_EVERY_WRITE).flatMap(([name, check]) => check(seen).map((what) => `${name}: ${what}`));
}

/** Addresses of Calico's pools in endpoints that their container's handle does not have. */
function unheld(dump: Dump, { blocks, pools }: Stored, network: string): readonly string[] {
  return endpointsOf(dump).flatMap(({ containerID, addresses }) =>
    addresses
      .filter((address) => {
        const parsed = parseAddress(address);
        return parsed !== undefined && pools.some(({ cidr }) => contains(cidr, parsed));
      })
      .filter((address) => !blocks.some((block) => isHeld(block, address, network, containerID)))
      .map((address) => `${containerID} shows ${address}`),
  );
}

/** Held by the container, or by a virtual machine whose pod it is. */
const isHeld = (block: SeenBlock, address: string, network: string, containerID: string): boolean =>
  handlesIn(block)
    .filter((handleID) => handleID === `${network}.${containerID}` || handleID.startsWith(`${network}.vmi.`))
    .some((handleID) => heldBy(block, handleID).includes(address));

/** What is published or marked although no call is running. */
export function publishedViolations(dump: Dump, network: string): readonly string[] {
  const marked = Object.entries(dump).flatMap(([key, value]) => (value.includes('"deleted":true') ? key : []));
  return [
    ...unheld(dump, readDump(dump), network).map((what) => `K7: ${what}, which it does not hold`),
    ...marked.map((key) => `K8: ${key} is marked as deleted`),
  ];
}

const attributesOf = (block: SeenBlock) => block.attributes ?? [];

const handlesIn = (block: SeenBlock): readonly string[] => [
  ...new Set(attributesOf(block).flatMap(({ handle_id }) => handle_id ?? [])),
];

function heldBy(block: SeenBlock, handleID: string): readonly string[] {
  return block.allocations.flatMap((index, ordinal) =>
    index !== null && attributesOf(block)[index]?.handle_id === handleID ? nthAddress(block.at, ordinal) : [],
  );
}

const counts = ({ handles, blocks }: Stored) =>
  [...handles].flatMap(([handleID, held]) =>
    Object.entries(held).map(([cidr, count]) => ({
      handleID,
      count,
      block: blocks.find((each) => each.cidr === cidr),
    })),
  );

function endpointsOf(dump: Dump): readonly { readonly containerID: string; readonly addresses: readonly string[] }[] {
  return Object.entries(dump).flatMap(([key, value]) => {
    if (!key.includes('/workloadendpoints/')) return [];
    const { spec } = JSON.parse(value) as WorkloadEndpoint;
    const addresses = (spec.ipNetworks ?? []).map((network) => network.split('/')[0] ?? '');
    return [{ containerID: spec.containerID ?? '', addresses }];
  });
}

/**
 * While no call is running, less may hold than invariants 10 and 11 of invariants.ts: an owned block's affinity may still be
 * pending, and so may one without a block. A confirmed one is its owner's.
 */
export function restViolations(dump: Dump): readonly string[] {
  const { blocks, claims } = readDump(dump);
  const bare = blocks.filter(
    ({ affinity, cidr }) =>
      affinity !== null && !claims.some((claim) => claim.owner === affinity && claim.cidr.text === cidr),
  );
  const wrong = claims.filter(
    ({ owner, cidr, state }) =>
      state === 'confirmed' && !blocks.some((block) => block.cidr === cidr.text && block.affinity === owner),
  );
  return [
    ...bare.map(({ cidr, affinity }) => `K5: ${cidr} of ${affinity} has no affinity`),
    ...wrong.map(({ cidr, owner }) => `K6: ${owner} has confirmed ${cidr.text}, which it does not own`),
  ];
}
