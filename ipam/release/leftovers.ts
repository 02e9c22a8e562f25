import type { Block } from '../../shared/calico/model.ts';
import { get, type ListQuery, affinitiesOf as queryAffinities } from '../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { affinitiesOf, confirm } from '../block/affinity.ts';
import { ask } from '../block/ask.ts';
import { isOwnedBy, ordinalsOf, rewritten } from '../block/block.ts';
import { decodeBlock, encodeBlock } from '../block/block-json.ts';
import { readHandle, writeHandle } from '../block/handle.ts';
import { handleOf } from '../block/handle-id.ts';
import { containerOf, networksHandles, type StaleRequest } from './stale.ts';

const BLOCKS: ListQuery = { all: 'block' };

/**
 * Claims this node's blocks that lost their affinity; nothing else would find them. They exist where commits are not
 * transactions, after a kill between the two writes. The block is rewritten between the pending and the confirmed claim:
 * that fails if another node has taken it over meanwhile.
 */
export function* claimUnclaimed(node: string): Plan<Outcome<undefined>> {
  const view = yield [queryAffinities(node), BLOCKS];
  const claimed = new Set(affinitiesOf(view, node).map(({ cidr }) => cidr.text));
  const changes = view.list(BLOCKS).flatMap(({ ref }) => {
    if (ref.kind !== 'block' || claimed.has(ref.cidr.text)) return [];
    const block = readable(view, ref.cidr);
    if (block === undefined || !isOwnedBy(block, node)) return [];
    return [confirm(node, ref.cidr), { ref, next: encodeBlock(rewritten(block)) }];
  });
  return { changes, answer: undefined };
}

/**
 * Containers of a network whose handle names only this node's blocks, none of which assigns it an address: a killed ADD or DEL
 * may leave such handles. Objects that cannot be read are skipped.
 */
export function* containersWithoutAddress(request: StaleRequest): Plan<Outcome<readonly string[]>> {
  const { node, network, kept } = request;
  const handles = networksHandles(network);
  const view = yield [queryAffinities(node), handles];
  const own = affinitiesOf(view, node).map(({ cidr }) => cidr);
  yield* ask(view, own.map(blockRef));
  const containers = view.list(handles).flatMap(({ ref }) => {
    const handleID = ref.kind === 'handle' ? ref.id : '';
    const container = containerOf(handleID, network);
    const isEmpty =
      container !== undefined &&
      !kept.has(container) &&
      holdsNothing(view, handleID, new Set(own.map(({ text }) => text)));
    return isEmpty ? [container] : [];
  });
  return { changes: [], answer: containers };
}

/**
 * Deletes a container's handle if it still holds no address. Another node that borrows from our block writes the handle first and
 * the block second. So this rewrites the block after it has deleted the handle: the borrower's write of the block then conflicts,
 * and it starts again with a new handle. If the borrower wrote the block before that, the handle is restored here.
 */
export function* dropEmptyHandle({ node, network }: StaleRequest, container: string): Plan<Outcome<undefined>> {
  const handleID = handleOf(network, container);
  const view = yield [queryAffinities(node), get(handleRef(handleID))];
  const own = affinitiesOf(view, node).map(({ cidr }) => cidr);
  yield* ask(view, own.map(blockRef));
  const blocks = own.flatMap((cidr) => {
    const block = readable(view, cidr);
    return block === undefined ? [] : [{ cidr, block, held: ordinalsOf(block, handleID).length }];
  });
  const handle = readHandle(view, handleID);
  if (!handle.stored) {
    const held = blocks.filter((each) => each.held > 0);
    const change = writeHandle(handle, new Map(held.map((each) => [each.cidr.text, each.held])));
    return { changes: held.length === 0 ? [] : [change], answer: undefined };
  }
  if (!holdsNothing(view, handleID, new Set(own.map(({ text }) => text)))) return { changes: [], answer: undefined };
  const named = new Set(handle.blocks.map(({ text }) => text));
  const counted = blocks.filter(({ cidr }) => named.has(cidr.text));
  return {
    changes: [
      writeHandle(handle, new Map()),
      ...counted.map(({ cidr, block }) => ({ ref: blockRef(cidr), next: encodeBlock(rewritten(block)) })),
    ],
    answer: undefined,
  };
}

function readable(view: View, cidr: Cidr): Block | undefined {
  const entry = view.get(blockRef(cidr));
  try {
    return entry === undefined ? undefined : decodeBlock(cidr, entry.value, entry.at);
  } catch {
    return undefined;
  }
}

/** Whether a handle names at least one block, only blocks in `own`, and holds no address in them. */
function holdsNothing(view: View, handleID: string, own: ReadonlySet<string>): boolean {
  try {
    const { blocks } = readHandle(view, handleID);
    return (
      blocks.length > 0 &&
      blocks.every((cidr) => {
        if (!own.has(cidr.text)) return false;
        const entry = view.get(blockRef(cidr));
        return entry === undefined || ordinalsOf(decodeBlock(cidr, entry.value, entry.at), handleID).length === 0;
      })
    );
  } catch {
    return false;
  }
}
