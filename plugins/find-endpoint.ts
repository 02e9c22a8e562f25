import { asObject, malformed, parseObject } from '../ipam/stored.ts';
import { endpointsPrefix } from '../shared/calico/keys.ts';
import type { WorkloadEndpoint } from '../shared/calico/model.ts';
import { parseEndpointName } from '../shared/calico/names.ts';
import type { Entry, View } from '../shared/etcd/view.ts';
import { parseCidr } from '../shared/net/cidr.ts';
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

/** An endpoint from etcd; a value that does not parse, or holds what an endpoint cannot, is an error naming its key. */
export function stored({ key, value }: Entry): StoredEndpoint {
  const endpoint = parseObject(key, value);
  const [spec, metadata] = [asObject(endpoint['spec'] ?? {}), asObject(endpoint['metadata'] ?? {})];
  if (spec === undefined || metadata === undefined) throw malformed(key, value, 'spec or metadata is no object');
  const strange = [
    ...TEXTS.filter((field) => !isAbsentOr(spec[field], isText)),
    ...(isAbsentOr(spec['ipNetworks'], isNetworks) ? [] : ['ipNetworks']),
    ...(isAbsentOr(spec['profiles'], isTexts) ? [] : ['profiles']),
    ...(isAbsentOr(spec['mac'], isMac) ? [] : ['mac']),
    ...NAMES.filter((field) => !isAbsentOr(metadata[field], isText)),
  ];
  if (strange.length > 0) throw malformed(key, value, `field ${strange.join(', ')} is not what it should be`);
  return { key, endpoint: { ...endpoint, metadata, spec } as unknown as WorkloadEndpoint };
}

/** What is looked at of a stored endpoint. Its addresses and MAC go to the kernel. */
const TEXTS = ['containerID', 'endpoint', 'interfaceName'] as const;
const NAMES = ['name', 'uid', 'creationTimestamp'] as const;

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isNetworks = (value: unknown): boolean =>
  Array.isArray(value) && value.every((text) => isText(text) && parseCidr(text) !== undefined);
const isMac = (value: unknown): boolean => isText(value) && /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(String(value));
const isAbsentOr = (value: unknown, is: (value: unknown) => boolean): boolean =>
  value === undefined || value === null || is(value);

function belongsTo(key: string, identity: Identity): boolean {
  const name = parseEndpointName(key.slice(key.lastIndexOf('/') + 1));
  return (
    name !== undefined &&
    name.node === identity.node &&
    name.orchestrator === identity.orchestrator &&
    name.workload === identity.workload
  );
}
