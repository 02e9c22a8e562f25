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

/** This workload's endpoints, for any interface; the list of them must have been read. Other workloads with the same prefix
 * (`web` and `web-0`) are skipped. */
export function findEndpoints(view: View, identity: Identity): readonly StoredEndpoint[] {
  return view
    .list(endpointsOf(identity.namespace, identity.endpointPrefix))
    .filter(({ ref }) => belongsTo(ref, identity))
    .map(stored);
}

/** The first of this workload's endpoints; ADD treats it as the existing one (as Calico). */
export function findEndpoint(view: View, identity: Identity): StoredEndpoint | undefined {
  return findEndpoints(view, identity)[0];
}

/**
 * Decodes a stored endpoint; null counts as absent, and the name is its object's. A value that cannot be parsed or is not valid
 * in an endpoint is an error naming place and field. Fields not used here stay as stored.
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

/** The non-null fields of a spec, in stored order. */
const filled = (spec: Readonly<Record<string, unknown>>, read: Partial<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(spec).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[name, read[name] ?? value]],
    ),
  );

/** Validates the fields used here. Addresses and MAC go to the kernel. */
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

/** The parts of an endpoint's name; undefined for a name of another form. */
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
