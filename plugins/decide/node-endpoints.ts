import type { EndpointName } from '../../shared/calico/names.ts';
import { ENDPOINT_NAMES, type Entry, get } from '../../shared/datastore/query.ts';
import type { Ref, ResourceRef } from '../../shared/datastore/ref.ts';
import type { Plan } from '../../shared/datastore/view.ts';
import { partsOf } from './find-endpoint.ts';

/** An endpoint whose name has this node. Its value may be unreadable. */
export interface NodeEndpoint {
  readonly ref: ResourceRef;
  readonly name: EndpointName;
  readonly entry: Entry;
}

/** All endpoints of a node, or those of one orchestrator. Lists the whole cluster's endpoints, so use it rarely. */
export function* endpointsOnNode(node: string, orchestrator?: 'k8s'): Plan<readonly NodeEndpoint[]> {
  const { refs } = (yield [ENDPOINT_NAMES]).answer(ENDPOINT_NAMES);
  const here = refs
    .flatMap(named)
    .filter(({ name }) => name.node === node && (orchestrator === undefined || name.orchestrator === orchestrator));
  if (here.length === 0) return [];
  const view = yield here.map(({ ref }) => get(ref));
  return here.flatMap((each) => {
    const entry = view.get(each.ref);
    return entry === undefined ? [] : [{ ...each, entry }];
  });
}

function named(ref: Ref): readonly Omit<NodeEndpoint, 'entry'>[] {
  const name = partsOf(ref);
  return ref.kind !== 'WorkloadEndpoint' || name === undefined ? [] : [{ ref, name }];
}
