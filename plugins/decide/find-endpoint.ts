import type { WorkloadEndpoint, WorkloadEndpointSpec } from '../../shared/calico/model.ts';
import { type EndpointName, parseEndpointName } from '../../shared/calico/names.ts';
import { malformed, parseObject } from '../../shared/calico/stored.ts';
import { quote } from '../../shared/cni/quote.ts';
import { type Reader, reader } from '../../shared/cni/reader.ts';
import { type Entry, endpointsOf } from '../../shared/datastore/query.ts';
import type { Ref } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import type { Identity } from './identity.ts';

/** An endpoint as it is stored. */
export interface StoredEndpoint {
  readonly ref: Ref;
  /** Where it is stored, for messages. */
  readonly at: string;
  readonly endpoint: WorkloadEndpoint;
}

/** This workload's endpoints, whatever interface they were made for; the list of them must have been read. Names of other workloads
 * that share it (`web` and `web-0`) are passed over. */
export function findEndpoints(view: View, identity: Identity): readonly StoredEndpoint[] {
  return view
    .list(endpointsOf(identity.namespace, identity.endpointPrefix))
    .filter(({ ref }) => belongsTo(ref, identity))
    .map(stored);
}

/** The first of this workload's endpoints: the one an ADD takes for existing, as the original does. */
export function findEndpoint(view: View, identity: Identity): StoredEndpoint | undefined {
  return findEndpoints(view, identity)[0];
}

/**
 * An endpoint from the datastore, null as good as absent, named as its object is; a value that does not parse, or holds what
 * an endpoint cannot, is an error naming place and field. What is not looked at here stays as it is stored.
 */
export function stored({ ref, at, value }: Entry): StoredEndpoint {
  const fields = parseObject(at, value);
  const endpoint = reader(fields, 'WorkloadEndpoint', (why) => malformed(at, value, why));
  const [metadata, spec] = [endpoint.object('metadata'), endpoint.object('spec')];
  for (const field of ['uid', 'creationTimestamp']) metadata.text(field);
  const name = metadata.text('name') || ('name' in ref ? ref.name : '');
  const read = {
    ...fields,
    metadata: { ...endpoint.map('metadata'), name },
    spec: filled(endpoint.map('spec'), checked(spec)),
  };
  return { ref, at, endpoint: read as unknown as WorkloadEndpoint };
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

/** What an endpoint's name is made of; undefined for a name of another form. */
export const partsOf = (ref: Ref): EndpointName | undefined =>
  ref.kind === 'WorkloadEndpoint' ? parseEndpointName(ref.name) : undefined;

function belongsTo(ref: Ref, identity: Identity): boolean {
  const name = partsOf(ref);
  return (
    name !== undefined &&
    name.node === identity.node &&
    name.orchestrator === identity.orchestrator &&
    name.workload === identity.workload
  );
}
