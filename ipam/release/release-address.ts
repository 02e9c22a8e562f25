import type { Block } from '../../shared/calico/model.ts';
import { get, POOLS, type Query } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import { type Address, addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, ordinalOf } from '../../shared/net/cidr.ts';
import { ask, blockAt } from '../block/ask.ts';
import { attributeAt, handleAt, isInUse, ordinalsOf, release, sanitizedHandle } from '../block/block.ts';
import { readHandle, writeHandle } from '../block/handle.ts';
import { readConfig } from '../config/ipam-config.ts';
import { poolOf, readPools } from '../config/pools.ts';
import { giveBack } from './give-back.ts';

/** An address to release if handle and sequence number still match; one that is left out matches any. */
export interface AddressToFree {
  readonly address: string;
  readonly handleID?: string;
  readonly sequenceNumber?: bigint;
}

/** An address whose handle or sequence number does not match, with Calico's text. */
interface Conflict {
  readonly address: string;
  readonly message: string;
  readonly cause: string;
}

export interface AddressesReleased {
  readonly released: readonly string[];
  /** Not assigned, or already cooling down. */
  readonly unallocated: readonly string[];
  /** With one of these, nothing in its block is released. */
  readonly conflicts: readonly Conflict[];
}

/** An address and its block, if that exists. */
interface Found {
  readonly asked: AddressToFree;
  readonly cidr: Cidr;
  readonly ordinal: number;
}

/** The possible block sizes, tried for an address outside all pools. */
const SIZES: Readonly<Record<Family, number>> = { 4: 20, 6: 116 };
const SIZE_COUNT = 13;

/**
 * Decides how to release addresses for the operator, at most 30 per call; works without their handles. Throws a Failure for
 * a text that is not an address.
 */
export function* releaseAddresses(request: {
  readonly addresses: readonly AddressToFree[];
  readonly now: bigint;
}): Plan<Outcome<AddressesReleased>> {
  const view = yield releaseReads;
  const cooling = { now: request.now, cooldown: readConfig(view).ipCooldownSeconds };
  const distinct = [...new Map(request.addresses.map((asked) => [parse(asked).text, asked])).values()];
  const found: Found[] = [];
  for (const asked of distinct) found.push(yield* find(view, asked));
  const answer = { released: [] as string[], unallocated: [] as string[], conflicts: [] as Conflict[] };
  const afters: { readonly cidr: Cidr; readonly before: Block; readonly after: Block }[] = [];
  for (const cidr of new Map(found.map((each) => [each.cidr.text, each.cidr])).values()) {
    const asked = found.filter((each) => each.cidr.text === cidr.text);
    const block = blockAt(view, cidr, cooling);
    const conflicts = block === undefined ? [] : asked.flatMap((each) => conflictOf(block, each) ?? []);
    answer.conflicts.push(...conflicts);
    if (conflicts.length > 0) continue;
    const held = asked.filter(({ ordinal }) => block !== undefined && isInUse(block, ordinal));
    answer.unallocated.push(...asked.filter((each) => !held.includes(each)).map(textOf));
    answer.released.push(...held.map(textOf));
    if (block === undefined || held.length === 0) continue;
    const ordinals = held.map(({ ordinal }) => ordinal);
    afters.push({ cidr, before: block, after: release(block, ordinals, { ...cooling, stamp: true }) });
  }
  return { changes: yield* changesOf(view, afters), answer };
}

/** Who holds an address, and the sequence number of that allocation. */
export interface Holder {
  readonly address: string;
  /** Undefined for an address assigned without one. */
  readonly handleID: string | undefined;
  /** The attribute's fields: node, pod, timestamp … */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sequenceNumber: bigint;
}

/** Who holds these addresses; free ones are left out. Throws like releaseAddresses. */
export function* holdersOf(addresses: readonly string[], now: bigint): Plan<readonly Holder[]> {
  const view = yield releaseReads;
  const cooling = { now, cooldown: readConfig(view).ipCooldownSeconds };
  const holders: Holder[] = [];
  for (const address of new Set(addresses)) {
    const { cidr, ordinal } = yield* find(view, { address });
    const block = blockAt(view, cidr, cooling);
    if (block === undefined || !isInUse(block, ordinal)) continue;
    holders.push({
      address,
      handleID: handleAt(block, ordinal),
      attributes: attributeAt(block, ordinal)?.secondary ?? {},
      sequenceNumber: sequenceOf(block, ordinal),
    });
  }
  return holders;
}

const releaseReads: readonly Query[] = [get(IPAM_CONFIG), POOLS];

const sequenceOf = (block: Block, ordinal: number): bigint =>
  block.sequenceNumberForAllocation?.[String(ordinal)] ?? 0n;

const textOf = ({ asked }: Found): string => parse(asked).text;

function parse({ address }: AddressToFree): Address {
  if (address === '') throw failure('No IP address specified in options: {Address: Handle: SequenceNumber:<nil>}');
  const parsed = parseAddress(address);
  if (parsed === undefined) throw failure(`failed to parse IP: ${address}`);
  return parsed;
}

/** An address's block follows from its pool's block size; outside all pools, existing blocks are searched. */
function* find(view: View, asked: AddressToFree): Plan<Found> {
  const address = parse(asked);
  const size = poolOf(readPools(view), address)?.blockSize;
  const sizes = Array.from({ length: SIZE_COUNT }, (_, at) => SIZES[address.family] + at);
  const cidrs = (size === undefined ? sizes : [size]).map((length) => blockOf(address, length));
  yield* ask(view, cidrs.map(blockRef));
  const [usual = blockOf(address, addressBits(address.family))] = cidrs;
  const cidr = cidrs.find((each) => view.get(blockRef(each)) !== undefined) ?? usual;
  return { asked, cidr, ordinal: ordinalOf(cidr, address) ?? 0 };
}

function conflictOf(block: Block, { asked, ordinal }: Found): Conflict | undefined {
  const { handleID, sequenceNumber } = asked;
  const stored = sequenceOf(block, ordinal);
  const conflict = (what: string, given: unknown, actual: unknown): Conflict => ({
    address: parse(asked).text,
    message: `update conflict: ${parse(asked).text}`,
    cause: `the given ${what} (${given}) does not match (${actual}) when attempting to release IP`,
  });
  if (sequenceNumber !== undefined && sequenceNumber !== stored)
    return conflict('sequence number', sequenceNumber, stored);
  if (handleID === undefined || !isInUse(block, ordinal)) return undefined;
  const holder = handleAt(block, ordinal) ?? '';
  return holder === sanitizedHandle(handleID) ? undefined : conflict('handle', handleID, holder);
}

function* changesOf(
  view: View,
  afters: readonly { readonly cidr: Cidr; readonly before: Block; readonly after: Block }[],
): Plan<readonly Change[]> {
  const changes: Change[] = [];
  for (const { cidr, after } of afters) changes.push(...(yield* giveBack(view, cidr, after)));
  const holders = afters.flatMap(({ before }) =>
    before.allocations.flatMap((_, ordinal) => handleAt(before, ordinal) ?? []),
  );
  const handleIDs = [...new Set(holders)].filter((handleID) =>
    afters.some(({ before, after }) => ordinalsOf(before, handleID).length !== ordinalsOf(after, handleID).length),
  );
  yield* ask(view, handleIDs.map(handleRef));
  for (const handleID of handleIDs) {
    const handle = readHandle(view, handleID);
    const left = afters.map(({ cidr, after }) => [cidr.text, ordinalsOf(after, handleID).length] as const);
    const counts = new Map([...Object.entries(handle.handle.block), ...left]);
    if (handle.stored || [...counts.values()].some((count) => count > 0)) changes.push(writeHandle(handle, counts));
  }
  return changes;
}
