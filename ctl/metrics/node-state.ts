import { journalled, names } from '../../ipam/journal/journal-files.ts';
import { fileContent, hostName } from '../../shared/call/node-name.ts';
import { readTotals } from '../../shared/call-counts/add-up.ts';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import type { World } from '../../shared/system/world.ts';
import type { NodeState } from './node-families.ts';

/** The name of this node: as given, else from Kubernetes, else from the nodename file, else the host's. */
export const nodeHere = (given: string | undefined, world: Pick<World, 'env'>): string =>
  given || world.env['KUBERNETES_NODE_NAME'] || fileContent(NODENAME_FILE) || hostName();

/** What this node's files say. */
export function nodeState(node: string, now: bigint): NodeState {
  const ages = journalled().map(({ due }) => Number((now - due) / 1_000_000n) / 1000);
  return { node, calls: readTotals(), waiting: names().length, oldest: Math.max(0, ...ages) };
}
