import { get, type ListQuery } from '../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { AS_STORED, ask, tryBlockAt } from '../block/ask.ts';
import { ordinalsOf, rewritten, sanitizedHandle } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { readHandle, type StoredHandle, writeHandle } from '../block/handle.ts';
import { containerOf, handleOf } from '../block/handle-id.ts';
import { networksHandles, type StaleRequest } from './stale.ts';

/*
 * Handles that name blocks in which they hold no address. A killed call leaves one: the handle of an address in another node's block
 * is written before the block, and deleted after it. Any node's GC removes it, as nothing says on which node the container was.
 *
 * Another node's ADD that is about to write the block looks the same. So the handle is deleted first, and then its blocks are
 * rewritten. An ADD that writes its block after that loses the race and decides again, with a new handle. If the ADD was faster,
 * the rewriting loses, and the handle is restored.
 */

const BLOCKS: ListQuery = { all: 'block' };

/** A handle without an address, and the blocks that it names. */
export interface EmptyHandle {
  readonly handleID: string;
  readonly blocks: readonly Cidr[];
}

/** The empty handles of a network, on any node, except those of containers that are kept. What cannot be read is skipped. */
export function* emptyHandles({ network, kept }: StaleRequest): Plan<Outcome<readonly EmptyHandle[]>> {
  const handles = networksHandles(network);
  const view = yield [handles];
  const named = view.list(handles).flatMap(({ ref }) => {
    const container = ref.kind === 'handle' ? containerOf(ref.id, network) : undefined;
    if (container === undefined || kept.has(container)) return [];
    const handleID = handleOf(network, container);
    return { handleID, blocks: readable(view, handleID)?.blocks ?? [] };
  });
  if (named.length === 0) return { changes: [], answer: [] };
  // Read after the handles: blocks that were read before may lack what an ADD has written since.
  yield [BLOCKS];
  const holders = holdersIn(view);
  const answer = named.filter(({ handleID, blocks }) => {
    const id = sanitizedHandle(handleID);
    return blocks.length > 0 && blocks.every((cidr) => holders(cidr)?.has(id) === false);
  });
  return { changes: [], answer };
}

/** The handles in a block, which is decoded once; undefined if it cannot be read. */
function holdersIn(view: View): (cidr: Cidr) => ReadonlySet<string> | undefined {
  const known = new Map<string, ReadonlySet<string> | undefined>();
  return (cidr) => {
    if (known.has(cidr.text)) return known.get(cidr.text);
    const block = tryBlockAt(view, cidr, AS_STORED);
    const ids = typeof block === 'object' ? (block.attributes ?? []).flatMap(({ handle_id }) => handle_id ?? []) : [];
    const found = typeof block === 'string' ? undefined : new Set(ids.map(sanitizedHandle));
    known.set(cidr.text, found);
    return found;
  };
}

/** Deletes a handle if it is still empty. `rewriteBlocks` must follow. */
export function* dropHandle(handleID: string): Plan<Outcome<undefined>> {
  const view = yield [get(handleRef(handleID))];
  const handle = readable(view, handleID);
  const blocks = handle?.blocks ?? [];
  yield* ask(view, blocks.map(blockRef));
  const isEmpty = blocks.length > 0 && blocks.every((cidr) => heldIn(view, cidr, handleID) === 0);
  const changes = handle !== undefined && isEmpty ? [writeHandle(handle, new Map())] : [];
  return { changes, guards: blocks.map(blockRef), answer: undefined };
}

/** Once the handle is deleted: makes the ADD that may be about to write one of its blocks lose, or restores the handle. */
export function* rewriteBlocks({ handleID, blocks }: EmptyHandle): Plan<Outcome<undefined>> {
  const ref = handleRef(handleID);
  const view = yield [get(ref), ...blocks.map(blockRef).map(get)];
  if (view.get(ref) !== undefined) return { changes: [], answer: undefined };
  const counts = blocks.map((cidr): [string, number] => [cidr.text, heldIn(view, cidr, handleID) ?? 0]);
  if (counts.some(([, count]) => count > 0)) {
    return { changes: [writeHandle(readHandle(view, handleID), new Map(counts))], answer: undefined };
  }
  const changes = blocks.flatMap((cidr) => {
    const block = tryBlockAt(view, cidr, AS_STORED);
    return typeof block === 'object' ? [{ ref: blockRef(cidr), next: encodeBlock(rewritten(block)) }] : [];
  });
  return { changes, guards: [ref], answer: undefined };
}

/** The handle, if it exists and all blocks that it names can be read. */
function readable(view: View, handleID: string): StoredHandle | undefined {
  try {
    const stored = readHandle(view, handleID);
    return stored.stored && stored.blocks.length === Object.keys(stored.handle.block).length ? stored : undefined;
  } catch {
    return undefined;
  }
}

/** How many addresses a handle holds in a block; undefined if it cannot be read. */
function heldIn(view: View, cidr: Cidr, handleID: string): number | undefined {
  const block = tryBlockAt(view, cidr, AS_STORED);
  if (typeof block === 'string') return undefined;
  return block === undefined ? 0 : ordinalsOf(block, handleID).length;
}
