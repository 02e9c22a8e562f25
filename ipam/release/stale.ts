import type { Block } from '../../shared/calico/model.ts';
import { reasonOf } from '../../shared/calico/stored.ts';
import { handlesBeginning, type ListQuery, affinitiesOf as queryAffinities } from '../../shared/datastore/query.ts';
import { blockRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { affinitiesOf } from '../block/affinity.ts';
import { AS_STORED, ask, tryBlockAt } from '../block/ask.ts';
import { readHandle } from '../block/handle.ts';
import { containerOf, handleOf } from '../block/handle-id.ts';

/** Which addresses to look for: one network's, on one node. */
export interface StaleRequest {
  readonly node: string;
  readonly network: string;
  /** Containers that keep their addresses; their blocks need not be read. */
  readonly kept: ReadonlySet<string>;
}

/** All handles of a network. */
export const networksHandles = (network: string): ListQuery => handlesBeginning(handleOf(network, ''));

/** A pod that an address was assigned to. */
interface HoldingPod {
  readonly namespace: string;
  readonly pod: string;
}

/** Who holds addresses, and what could not be read. */
export interface Holders {
  readonly containers: readonly string[];
  /** Those that are pods, according to their addresses' attributes. */
  readonly pods: ReadonlyMap<string, HoldingPod>;
  readonly unread: readonly string[];
}

/**
 * Containers that hold addresses of this network on this node, in its own blocks and in blocks that it borrowed from (found by
 * the handles). In the handle, `<network>.` must be followed by a container ID without a dot (else network `a.b` or a virtual
 * machine, `a.vmi.…`, would count as `a`'s) that is not a tunnel's name; and the attribute must name this node. Objects that
 * cannot be read are skipped and reported.
 */
export function* containersHolding(request: StaleRequest): Plan<Outcome<Holders>> {
  const view = yield [queryAffinities(request.node), networksHandles(request.network)];
  const own = affinitiesOf(view, request.node).map(({ cidr }) => cidr);
  const named = blocksNamed(view, request);
  const blocks = [...new Map([...own, ...named.blocks].map((cidr) => [cidr.text, cidr])).values()];
  yield* ask(view, blocks.map(blockRef));
  const containers = new Map<string, HoldingPod | undefined>();
  const unread = [...named.unread];
  for (const cidr of blocks) {
    const block = tryBlockAt(view, cidr, AS_STORED);
    if (typeof block === 'string') unread.push(block);
    else for (const [id, pod] of holders(block, request)) containers.set(id, pod);
  }
  const pods = new Map([...containers].flatMap(([id, pod]) => (pod === undefined ? [] : [[id, pod] as const])));
  return { changes: [], answer: { containers: [...containers.keys()], pods, unread } };
}

/** Blocks in which the network's containers hold addresses, on any node, except those that keep them. */
function blocksNamed(view: View, { network, kept }: StaleRequest): { blocks: Cidr[]; unread: string[] } {
  const blocks: Cidr[] = [];
  const unread: string[] = [];
  for (const { ref } of view.list(networksHandles(network))) {
    const handleID = ref.kind === 'handle' ? ref.id : '';
    const container = containerOf(handleID, network);
    if (container === undefined || kept.has(container)) continue;
    try {
      blocks.push(...readHandle(view, handleID).blocks);
    } catch (error) {
      unread.push(reasonOf(error));
    }
  }
  return { blocks, unread };
}

function holders(
  block: Block | undefined,
  { node, network }: StaleRequest,
): readonly (readonly [string, HoldingPod | undefined])[] {
  return (block?.attributes ?? []).flatMap(({ handle_id, secondary }) => {
    const id = secondary?.['node'] === node ? containerOf(handle_id ?? '', network) : undefined;
    const { namespace = '', pod = '' } = secondary ?? {};
    return id === undefined ? [] : [[id, namespace === '' || pod === '' ? undefined : { namespace, pod }] as const];
  });
}
