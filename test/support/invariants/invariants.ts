import type { AllocationAttribute, Block } from '../../../shared/calico/model.ts';
import { containsCidr, overlaps, size } from '../../../shared/net/cidr.ts';
import { type Dump, readDump, type SeenBlock, type Stored } from './ipam-dump.ts';

export interface Expectations {
  /** Nanoseconds since 1970. Without it no release time counts as in the future. */
  readonly now?: bigint;
  /** Strict affinity has been on from the start. */
  readonly strict?: boolean;
  /** The maximum of blocks per node and family. */
  readonly limit?: number;
  /** Everything has been released: no handle, no address in use. */
  readonly released?: boolean;
  /** Numbers of invariants that are not checked, e.g. those that a crash of the original may break. */
  readonly except?: readonly number[];
}

interface Seen extends Stored {
  readonly expected: Expectations;
}

const WINDOWS = 'windows-reserved-ipam-handle';

/** The invariants, by number, that Calico's IPAM data must satisfy while no call is writing. */
const INVARIANTS: Readonly<Record<number, (seen: Seen) => readonly string[]>> = {
  1: ({ blocks, pools }) =>
    blocks
      .filter((block) => {
        const pool = pools.find(({ cidr }) => containsCidr(cidr, block.at));
        return block.cidr !== block.at.text || (pool !== undefined && pool.blockSize !== block.at.length);
      })
      .map(({ key, cidr }) => `${key} holds ${cidr}, or is of another size than its pool's blocks`),
  2: ({ blocks }) =>
    blocks.flatMap((one, place) =>
      blocks
        .slice(place + 1)
        .flatMap((other) => (overlaps(one.at, other.at) ? `${one.cidr} overlaps ${other.cidr}` : [])),
    ),
  3: eachBlock((block) => {
    const count = attributesOf(block).length;
    const wrong = block.allocations.some(
      (index) => index !== null && !(Number.isInteger(index) && index >= 0 && index < count),
    );
    return BigInt(block.allocations.length) === size(block.at) && !wrong ? [] : 'allocations do not fit';
  }),
  4: eachBlock((block) =>
    attributesOf(block).flatMap((_, index) =>
      block.allocations.includes(index) ? [] : `attribute ${index} belongs to no address`,
    ),
  ),
  5: eachBlock((block) => {
    const free = block.allocations.flatMap((index, ordinal) => (index === null ? ordinal : []));
    const queue = [...block.unallocated].sort((a, b) => a - b);
    return JSON.stringify(queue) === JSON.stringify(free)
      ? []
      : `unallocated is ${block.unallocated.join()}, free ${free.join()}`;
  }),
  6: eachBlock(sequenceProblems),
  8: eachBlock((block) => {
    const texts = attributesOf(block).filter(
      ({ releasedAt, secondary }) => releasedAt === undefined && secondary !== undefined,
    );
    return new Set(texts.map(canonical)).size === texts.length ? [] : 'two attributes are equal';
  }),
  9: (seen) => eachBlock((block) => coolingProblems(block, seen))(seen),
  10: ownerProblems,
  11: ({ claims, blocks }) =>
    claims.flatMap(({ owner, cidr, state }) => {
      const there = blocks.some((block) => block.cidr === cidr.text);
      return there && state !== 'pending' && state !== 'pendingDeletion'
        ? []
        : `${owner} claims ${cidr.text}: ${state}, block ${there}`;
    }),
  12: eachBlock((block) => (block.affinity === null && isEmptyBlock(block) ? 'it is empty and has no owner' : [])),
  13: eachBlock((block) =>
    (block.affinity === null) === (block.affinity_claim_time === undefined)
      ? []
      : 'owner and claim time do not go together',
  ),
  14: handleProblems,
  15: ({ handles, blocks }) =>
    [...handles].flatMap(([handleID, counts]) => {
      const bad = Object.entries(counts).some(
        ([cidr, count]) => !(count > 0) || !blocks.some((block) => block.cidr === cidr),
      );
      return bad || Object.keys(counts).length === 0 ? `handle ${handleID} counts ${JSON.stringify(counts)}` : [];
    }),
  16: (seen) =>
    eachBlock((block) =>
      attributesOf(block).flatMap(({ handle_id: handleID }) =>
        handleID === undefined || isWindows(handleID) || seen.handles.has(handleID)
          ? []
          : `${handleID} has no handle key`,
      ),
    )(seen),
  17: (seen) => (seen.expected.strict === true ? eachBlock(strangers)(seen) : []),
  19: ({ claims, expected: { limit = Number.POSITIVE_INFINITY } }) =>
    [...new Set(claims.map(ownerAndFamily))].flatMap((who) => {
      const owned = claims.filter((claim) => ownerAndFamily(claim) === who).length;
      return owned > limit ? `${who} owns ${owned} of at most ${limit} blocks` : [];
    }),
  22: ({ handles, blocks, expected: { released } }) =>
    released === true
      ? [...handles.keys(), ...blocks.filter((block) => !isEmptyBlock(block)).map(({ cidr }) => cidr)].map(
          (what) => `${what} is left`,
        )
      : [],
};

/** What a dump of etcd violates: one line each, beginning with the invariant's number. */
export function violations(dump: Dump, expected: Expectations = {}): readonly string[] {
  const seen = { ...readDump(dump), expected };
  return Object.entries(INVARIANTS)
    .filter(([number]) => expected.except?.includes(Number(number)) !== true)
    .flatMap(([number, check]) => check(seen).map((problem) => `${number}: ${problem}`));
}

const ownerAndFamily = ({ owner, cidr }: Stored['claims'][number]) => `${owner} IPv${cidr.family}`;
const attributesOf = (block: Block) => block.attributes ?? [];
const isWindows = (handleID: string) => handleID.toLowerCase() === WINDOWS;
const isEmptyBlock = (block: Block) =>
  block.allocations.every((index) => index === null || isWindows(attributesOf(block)[index]?.handle_id ?? ''));
const sortedEntries = (map: Readonly<Record<string, string>> = {}) =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
const canonical = ({ handle_id: handleID, secondary, alternateOwnerAttrs }: AllocationAttribute): string =>
  JSON.stringify([handleID, sortedEntries(secondary), sortedEntries(alternateOwnerAttrs)]);

function eachBlock(check: (block: SeenBlock) => string | readonly string[]): (seen: Seen) => readonly string[] {
  return ({ blocks }) => blocks.flatMap((block) => [check(block)].flat().map((problem) => `${block.cidr}: ${problem}`));
}

function sequenceProblems(block: SeenBlock): readonly string[] {
  const stamps = block.sequenceNumberForAllocation ?? {};
  const unstamped = block.allocations.flatMap((index, ordinal) => {
    const reserved = index !== null && isWindows(attributesOf(block)[index]?.handle_id ?? '');
    return index === null || reserved || stamps[ordinal] !== undefined
      ? []
      : `ordinal ${ordinal} has no sequence number`;
  });
  const stale = Object.entries(stamps).flatMap(([ordinal, stamp]) => {
    const taken = typeof block.allocations[Number(ordinal)] === 'number';
    return taken && BigInt(stamp) < block.sequenceNumber
      ? []
      : `sequence number ${stamp} of ordinal ${ordinal} is wrong`;
  });
  return [...unstamped, ...stale];
}

function coolingProblems(block: SeenBlock, { cooldown, expected }: Seen): readonly string[] {
  return attributesOf(block).flatMap(({ releasedAt, handle_id: handleID }) => {
    if (releasedAt === undefined) return [];
    const future = expected.now !== undefined && BigInt(Date.parse(releasedAt)) * 1_000_000n > expected.now;
    return handleID !== undefined || future || cooldown <= 0 ? `released at ${releasedAt} with handle ${handleID}` : [];
  });
}

function ownerProblems({ blocks, claims }: Seen): readonly string[] {
  return blocks.flatMap(({ cidr, affinity }) => {
    const confirmed = claims.filter((claim) => claim.cidr.text === cidr && claim.state === 'confirmed');
    const owners = confirmed.map(({ owner }) => owner).join();
    return owners === (affinity ?? '') ? [] : `${cidr} belongs to ${affinity}, claimed by ${owners || 'no node'}`;
  });
}

function handleProblems({ blocks, handles }: Seen): readonly string[] {
  const held = new Map<string, number>();
  for (const block of blocks) {
    for (const index of block.allocations) {
      const handleID = index === null ? undefined : attributesOf(block)[index]?.handle_id;
      if (handleID === undefined || isWindows(handleID)) continue;
      const name = `${handleID} in ${block.cidr}`;
      held.set(name, (held.get(name) ?? 0) + 1);
    }
  }
  const counted = new Map(
    [...handles].flatMap(([handleID, counts]) =>
      Object.entries(counts).map(([cidr, count]): [string, number] => [`${handleID} in ${cidr}`, count]),
    ),
  );
  const names = new Set([...held.keys(), ...counted.keys()]);
  return [...names].flatMap((name) =>
    held.get(name) === counted.get(name)
      ? []
      : `${name}: the handle counts ${counted.get(name)}, the block ${held.get(name)}`,
  );
}

function strangers(block: SeenBlock): readonly string[] {
  return attributesOf(block).flatMap(({ secondary }) => {
    const node = secondary?.['node'];
    return node === undefined || `host:${node}` === block.affinity
      ? []
      : `${node} has an address in a block of ${block.affinity}`;
  });
}
