import { affinitiesPrefix, blockKey } from '../shared/calico/keys.ts';
import type { Block } from '../shared/calico/model.ts';
import { type Outcome, type Plan, type Read, under } from '../shared/etcd/view.ts';
import { affinitiesOf } from './affinity.ts';
import { ask } from './ask.ts';
import { handleOf } from './asked.ts';
import { decodeBlock } from './block-json.ts';

/** Whose addresses are looked for: one network's, on one node. */
export interface StaleRequest {
  readonly node: string;
  readonly network: string;
}

/** What containersHolding reads first. */
export const staleReads = ({ node }: StaleRequest): readonly Read[] => [under(affinitiesPrefix(node))];

/** Who holds addresses, and why some of that could not be told. */
export interface Holders {
  readonly containers: readonly string[];
  readonly unread: readonly string[];
}

/**
 * Containers that hold addresses of this network in this node's blocks. What follows `<network>.` in the handle must be a
 * container's id without a dot, so that `a.b`'s and a virtual machine's (`a.vmi.…`) are not `a`'s; and the entry must say
 * that it was made on this node. Blocks that cannot be read are passed over, and told.
 */
export function* containersHolding(request: StaleRequest): Plan<Outcome<Holders>> {
  const view = yield staleReads(request);
  const blocks = affinitiesOf(view, request.node).map(({ cidr }) => cidr);
  yield* ask(view, blocks.map(blockKey));
  const containers = new Set<string>();
  const unread: string[] = [];
  for (const cidr of blocks) {
    const entry = view.get(blockKey(cidr));
    try {
      const block = entry === undefined ? undefined : decodeBlock(cidr, entry.value);
      for (const id of holders(block, request)) containers.add(id);
    } catch (error) {
      unread.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { writes: [], answer: { containers: [...containers], unread } };
}

function holders(block: Block | undefined, { node, network }: StaleRequest): readonly string[] {
  return (block?.attributes ?? []).flatMap(({ handle_id, secondary }) =>
    secondary?.['node'] === node ? (containerOf(handle_id ?? '', network) ?? []) : [],
  );
}

/** The container's id in a handle of this network; undefined for any other handle. */
function containerOf(handleID: string, network: string): string | undefined {
  const prefix = handleOf(network, '');
  const id = handleID.startsWith(prefix) ? handleID.slice(prefix.length) : '';
  return /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(id) ? id : undefined;
}
