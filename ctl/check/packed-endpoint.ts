import { endpointRef } from '../../shared/datastore/ref.ts';
import type { AddressNumber, Endpoint } from './endpoints.ts';

const BETWEEN = '\n';

/** An endpoint as one string, a third of its size; itself if its name or a field is not a usual one. */
export function packed(endpoint: Endpoint): string | Endpoint {
  const { ref, version, node, containerID, interfaceName, addresses } = endpoint;
  if (ref.kind !== 'WorkloadEndpoint' || ref.namespace === undefined) return endpoint;
  const fields = [ref.namespace, ref.name, version, node, containerID, interfaceName, ...addresses.map(textOf)];
  return fields.some((field) => field.includes(BETWEEN)) ? endpoint : fields.join(BETWEEN);
}

export function unpacked(endpoint: string | Endpoint): Endpoint {
  if (typeof endpoint !== 'string') return endpoint;
  const [namespace = '', name = '', version = '', node = '', containerID = '', interfaceName = '', ...addresses] =
    endpoint.split(BETWEEN);
  const ref = endpointRef(namespace, name);
  return { ref, version, node, containerID, interfaceName, addresses: addresses.map(addressOf) };
}

/** The container of an endpoint, without unpacking the rest. */
export const containerIn = (endpoint: string | Endpoint): string =>
  typeof endpoint === 'string' ? (endpoint.split(BETWEEN, 5)[4] ?? '') : endpoint.containerID;

/** As literals, by which the families differ. */
const textOf = (address: AddressNumber): string => (typeof address === 'number' ? `${address}` : `${address}n`);
const addressOf = (text: string): AddressNumber => (text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text));
