import { endpointsPrefix } from '../../shared/calico/keys.ts';
import type { WorkloadEndpoint, WorkloadEndpointSpec } from '../../shared/calico/model.ts';
import { parseEndpointName } from '../../shared/calico/names.ts';
import { malformed, parseObject } from '../../shared/calico/stored.ts';
import { quote } from '../../shared/cni/quote.ts';
import { type Reader, reader } from '../../shared/cni/reader.ts';
import type { Entry, View } from '../../shared/datastore/view.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
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

/**
 * An endpoint from etcd, null as good as absent, named as its key is; a value that does not parse, or holds what an endpoint
 * cannot, is an error naming key and field. What is not looked at here stays as it is stored.
 */
export function stored({ key, value }: Entry): StoredEndpoint {
  const fields = parseObject(key, value);
  const endpoint = reader(fields, 'WorkloadEndpoint', (why) => malformed(key, value, why));
  const [metadata, spec] = [endpoint.object('metadata'), endpoint.object('spec')];
  for (const field of ['uid', 'creationTimestamp']) metadata.text(field);
  const name = metadata.text('name') || key.slice(key.lastIndexOf('/') + 1);
  const read = {
    ...fields,
    metadata: { ...endpoint.map('metadata'), name },
    spec: filled(endpoint.map('spec'), checked(spec)),
  };
  return { key, endpoint: read as unknown as WorkloadEndpoint };
}

/** The fields of a spec that hold something, in their order, as they are read. */
const filled = (spec: Readonly<Record<string, unknown>>, read: Partial<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(spec).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[name, read[name] ?? value]],
    ),
  );

/** What is looked at of a stored endpoint. Its addresses and MAC go to the kernel. */
function checked(spec: Reader): Partial<WorkloadEndpointSpec> {
  for (const field of ['containerID', 'endpoint', 'interfaceName']) spec.text(field);
  const networks = spec.texts('ipNetworks').filter((text) => text !== '');
  const strange = networks.find((text) => parseCidr(text) === undefined);
  if (strange !== undefined) throw spec.refuse('ipNetworks', `${quote(strange)} is not a network`);
  const mac = spec.text('mac');
  if (mac !== '' && !MAC.test(mac)) throw spec.refuse('mac', `${quote(mac)} is not a MAC address`);
  return { ipNetworks: networks, profiles: spec.texts('profiles') };
}

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

function belongsTo(key: string, identity: Identity): boolean {
  const name = parseEndpointName(key.slice(key.lastIndexOf('/') + 1));
  return (
    name !== undefined &&
    name.node === identity.node &&
    name.orchestrator === identity.orchestrator &&
    name.workload === identity.workload
  );
}
