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

/**
 * Containers that hold addresses of this network in this node's blocks. What follows `<network>.` in the handle must be a
 * container's id without a dot, so that `a.b`'s and a virtual machine's (`a.vmi.…`) are not `a`'s; and the entry must say
 * that it was made on this node. Blocks that cannot be read are passed over.
 */
export function* containersHolding(request: StaleRequest): Plan<Outcome<readonly string[]>> {
  const view = yield staleReads(request);
  const blocks = affinitiesOf(view, request.node).map(({ cidr }) => cidr);
  yield* ask(view, blocks.map(blockKey));
  const containers = blocks.flatMap((cidr) => {
    const entry = view.get(blockKey(cidr));
    return entry === undefined ? [] : holders(() => decodeBlock(cidr, entry.value), request);
  });
  return { writes: [], answer: [...new Set(containers)] };
}

function holders(read: () => Block, request: StaleRequest): readonly string[] {
  try {
    return (read().attributes ?? []).flatMap(({ handle_id, secondary }) =>
      secondary?.['node'] === request.node ? (containerOf(handle_id ?? '', request.network) ?? []) : [],
    );
  } catch {
    return [];
  }
}

/** The container's id in a handle of this network; undefined for any other handle. */
function containerOf(handleID: string, network: string): string | undefined {
  const prefix = handleOf(network, '');
  const id = handleID.startsWith(prefix) ? handleID.slice(prefix.length) : '';
  return /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(id) ? id : undefined;
}
