import { readGoTimestamp } from '../../shared/calico/go-time.ts';
import type { Block } from '../../shared/calico/model.ts';
import { get, POOLS, type Query, affinitiesOf as queryAffinities } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, IPAM_CONFIG, nodeRef, textOf } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { affinitiesOf } from '../block/affinity.ts';
import { ask, blockAt, tryBlockAt } from '../block/ask.ts';
import { attributeAt, ordinalsOf, release } from '../block/block.ts';
import { readHandle, type StoredHandle, writeHandle } from '../block/handle.ts';
import { readConfig } from '../config/ipam-config.ts';
import { giveBack } from './give-back.ts';

/** Whose addresses to release. */
export interface ReleaseRequest {
  /** Handles to release, e.g. `net.container` and the legacy `container`; empty ones are skipped. */
  readonly handleIDs: readonly string[];
  /** This node: its blocks are searched when a handle is missing. */
  readonly node: string;
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** Nanoseconds since 1970: nothing is released when the handles hold an address assigned later. */
  readonly before?: bigint | undefined;
  /**
   * Search the node's blocks in any case: where commits are not transactions, a killed call may have left an address that the
   * handle does not count. They are read together with the handles' blocks, at no extra round trip.
   */
  readonly readOwnBlocks?: boolean | undefined;
}

export interface Released {
  /** Addresses without prefix length. */
  readonly released: readonly string[];
  /** Whether the handles hold more than one commit can release, so that another call is needed. */
  readonly more: boolean;
  /** Whether the handles hold an address assigned after `before`: then everything belongs to a later start of the container. */
  readonly isYounger?: boolean;
}

/** The addresses that a handle holds in one block. */
interface Holding {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinals: readonly number[];
}

/** Most blocks changed in one commit, which has room for 128 objects. */
const MOST_BLOCKS = 30;

/** What a release reads first. */
export const releaseReads = ({ handleIDs, node }: Pick<ReleaseRequest, 'handleIDs' | 'node'>): readonly Query[] => [
  get(IPAM_CONFIG),
  get(nodeRef(node)),
  POOLS,
  queryAffinities(node),
  ...named(handleIDs).map((handleID) => get(handleRef(handleID))),
];

const named = (handleIDs: readonly string[]): readonly string[] => [...new Set(handleIDs)].filter((id) => id !== '');

/**
 * Decides how to release everything that the handles hold. Blocks are authoritative; a handle's counts only say where to look.
 * This node's blocks are searched when a handle is missing, invalid or names no block. Nothing to release is success without
 * changes.
 */
export function* releaseHandles(request: ReleaseRequest): Plan<Outcome<Released>> {
  const view = yield releaseReads(request);
  const cooldown = readConfig(view).ipCooldownSeconds;
  const cooling = { now: request.now, cooldown };
  const handles = named(request.handleIDs).map((handleID) => readHandle(view, handleID));
  const pointed = [...new Map(handles.flatMap(({ blocks }) => blocks).map((cidr) => [cidr.text, cidr])).values()];
  const blocks = pointed.slice(0, MOST_BLOCKS);
  const own = request.readOwnBlocks ? affinitiesOf(view, request.node).map(({ cidr }) => cidr) : [];
  yield* ask(view, [...blocks, ...own].map(blockRef));
  const known = blocks.flatMap((cidr) => heldIn(request, cidr, blockAt(view, cidr, cooling)));
  const telling = known.length > 0 && handles.every(({ sound }) => sound) && !request.readOwnBlocks;
  const holdings = telling ? known : together(known, yield* search(view, request, cooldown));
  const { before } = request;
  if (before !== undefined && holdings.some((holding) => isYounger(holding, before))) return YOUNGER;
  const changes: Change[] = handles.filter(({ stored }) => stored).map((handle) => without(handle, blocks));
  for (const { cidr, block, ordinals } of holdings) {
    const after = release(block, ordinals, { ...cooling, stamp: false });
    changes.push(...(yield* giveBack(view, cidr, after)));
  }
  const changed = new Set(changes.map(({ ref }) => textOf(ref)));
  return {
    changes,
    guards: blocks.map(blockRef).filter((ref) => !changed.has(textOf(ref))),
    answer: {
      released: holdings.flatMap(({ cidr, ordinals }) => ordinals.map((ordinal) => nthAddress(cidr, ordinal))),
      more: pointed.length > blocks.length,
    },
  };
}

const YOUNGER: Outcome<Released> = { changes: [], answer: { released: [], more: false, isYounger: true } };

/** Whether part of a holding was assigned at `before` or later. Only very old versions stored no time. */
const isYounger = ({ block, ordinals }: Holding, before: bigint): boolean =>
  ordinals.some((ordinal) => {
    const stamp = attributeAt(block, ordinal)?.secondary?.['timestamp'];
    return stamp !== undefined && (readGoTimestamp(stamp) ?? before) >= before;
  });

/** What the handles hold in this node's blocks without counting it: a last resort, so an unreadable block is skipped. */
function* search(view: View, request: ReleaseRequest, cooldown: number): Plan<readonly Holding[]> {
  const own = affinitiesOf(view, request.node);
  yield* ask(
    view,
    own.map(({ cidr }) => blockRef(cidr)),
  );
  const found = own.flatMap(({ cidr }) => {
    const block = tryBlockAt(view, cidr, { now: request.now, cooldown });
    return typeof block === 'object' ? heldIn(request, cidr, block) : [];
  });
  return found.slice(0, MOST_BLOCKS);
}

/** Each block once. */
const together = (known: readonly Holding[], found: readonly Holding[]): readonly Holding[] =>
  [...new Map([...found, ...known].map((holding) => [holding.cidr.text, holding])).values()].slice(0, MOST_BLOCKS);

function heldIn({ handleIDs }: ReleaseRequest, cidr: Cidr, block: Block | undefined): readonly Holding[] {
  if (block === undefined) return [];
  const ordinals = named(handleIDs).flatMap((handleID) => ordinalsOf(block, handleID));
  return ordinals.length === 0 ? [] : [{ cidr, block, ordinals: [...new Set(ordinals)].sort((a, b) => a - b) }];
}

/** The handle without its addresses in these blocks; deleted when none are left, whatever it had counted. */
function without(handle: StoredHandle, blocks: readonly Cidr[]): Change {
  const gone = new Set(blocks.map(({ text }) => text));
  const left = handle.blocks.filter(({ text }) => !gone.has(text));
  return writeHandle(handle, new Map(left.map(({ text }) => [text, handle.handle.block[text] ?? 0])));
}
