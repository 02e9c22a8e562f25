import { handleOf } from '../../ipam/block/handle-id.ts';
import { endpointPrefix } from '../../shared/calico/names.ts';
import { reasonOf } from '../../shared/calico/stored.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { stored } from './find-endpoint.ts';
import type { Identity } from './identity.ts';
import { endpointsOnNode, type NodeEndpoint } from './node-endpoints.ts';

/** Pods by container ID, and why some could not be read. */
export interface PodsKnown {
  readonly known: ReadonlyMap<string, Identity>;
  readonly unread: readonly string[];
}

/**
 * Finds the identities of this node's pods that hold addresses of `network`, by container ID, from their endpoints. An endpoint
 * that cannot be read is skipped and reported.
 */
export function* podsOnNode(node: string, network: string): Plan<Outcome<PodsKnown>> {
  const pods = yield* endpointsOnNode(node, 'k8s');
  const known = new Map<string, Identity>();
  const unread: string[] = [];
  for (const each of pods) {
    try {
      const { containerID = '', interfaceName: hostVeth = '' } = stored(each.entry).endpoint.spec;
      if (containerID !== '') known.set(containerID, identityOf(each, { containerID, hostVeth, network }));
    } catch (error) {
      unread.push(reasonOf(error));
    }
  }
  return { changes: [], answer: { known, unread } };
}

interface Known {
  readonly containerID: string;
  readonly hostVeth: string;
  readonly network: string;
}

function identityOf({ ref, name }: NodeEndpoint, { containerID, hostVeth, network }: Known): Identity {
  return {
    orchestrator: 'k8s',
    node: name.node,
    namespace: ref.namespace ?? '',
    containerID,
    pod: name.workload,
    workload: name.workload,
    endpoint: name.endpoint,
    endpointName: ref.name,
    endpointPrefix: endpointPrefix(name),
    hostVeth,
    handleID: handleOf(network, containerID),
    legacyHandleID: '',
  };
}
