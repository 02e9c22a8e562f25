import { type ListQuery, affinitiesOf as queryAffinities } from '../../shared/datastore/query.ts';
import { blockRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { affinitiesOf, confirm } from '../block/affinity.ts';
import { ask } from '../block/ask.ts';
import { ordinalsOf } from '../block/block.ts';
import { decodeBlock } from '../block/block-json.ts';
import { readHandle } from '../block/handle.ts';
import { containerOf, networksHandles, type StaleRequest } from './stale.ts';

const BLOCKS: ListQuery = { all: 'block' };

/**
 * Claims this node's blocks that have lost their affinity, which nothing else ever finds: where commits are not transactions,
 * a program may have been killed between the two.
 */
export function* claimUnclaimed(node: string): Plan<Outcome<undefined>> {
  const view = yield [queryAffinities(node), BLOCKS];
  const claimed = new Set(affinitiesOf(view, node).map(({ cidr }) => cidr.text));
  const lost = view.list(BLOCKS).flatMap(({ ref, at, value }) => {
    if (ref.kind !== 'block' || claimed.has(ref.cidr.text)) return [];
    try {
      return decodeBlock(ref.cidr, value, at).affinity === `host:${node}` ? [ref.cidr] : [];
    } catch {
      return [];
    }
  });
  return { changes: lost.map((cidr) => confirm(node, cidr)), guards: lost.map(blockRef), answer: undefined };
}

/**
 * Containers of a network whose handle names blocks of this node alone, none of which holds an address of it: what an ADD or
 * a DEL that was killed may leave. What cannot be read is passed over.
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

/** Whether a handle names only blocks among `own`, at least one, that hold nothing of it. */
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
