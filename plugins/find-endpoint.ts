import { parseJson } from '../shared/calico/json.ts';
import { endpointsPrefix } from '../shared/calico/keys.ts';
import type { WorkloadEndpoint } from '../shared/calico/model.ts';
import { parseEndpointName } from '../shared/calico/names.ts';
import type { Entry, View } from '../shared/etcd/view.ts';
import type { Identity } from './identity.ts';

/** An endpoint and the key it lies under. */
export interface StoredEndpoint {
  readonly key: string;
  readonly endpoint: WorkloadEndpoint;
}

/** This workload's endpoints, whatever interface they were made for; their prefix must have been read. Names of other workloads
 * that share it (`web` and `web-0`) are passed over. */
export function findEndpoints(view: View, identity: Identity): readonly StoredEndpoint[] {
  const prefix = endpointsPrefix(identity.namespace, identity.endpointPrefix);
  return view
    .list(prefix)
    .filter(({ key }) => belongsTo(key, identity))
    .map(stored);
}

/** The first of this workload's endpoints: the one an ADD takes for existing, as the original does. */
export function findEndpoint(view: View, identity: Identity): StoredEndpoint | undefined {
  return findEndpoints(view, identity)[0];
}

/** An endpoint from etcd; a value that does not parse is an error naming its key. */
export function stored(entry: Entry): StoredEndpoint {
  return { key: entry.key, endpoint: parseJson(entry.key, entry.value) as WorkloadEndpoint };
}

function belongsTo(key: string, identity: Identity): boolean {
  const name = parseEndpointName(key.slice(key.lastIndexOf('/') + 1));
  return (
    name !== undefined &&
    name.node === identity.node &&
    name.orchestrator === identity.orchestrator &&
    name.workload === identity.workload
  );
}
