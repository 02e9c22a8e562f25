import type { LeaveOut } from '../bytes/json.ts';
import { type ServiceRef, textOf } from '../datastore/ref.ts';
import type { ReadEntry } from '../datastore/watch.ts';
import { withText } from '../datastore/with-text.ts';
import { Failure } from '../error/failure.ts';
import { MANAGED, metadataText } from './metadata.ts';
import { placeOf } from './object-requests.ts';
import type { ApiObject, ResourceAccess } from './resource-access.ts';

/** What announcing a service's addresses does not depend on. */
const LONG = {
  Service: {
    metadata: { ...MANAGED.metadata, annotations: true, labels: true },
    spec: { ports: true, selector: true },
  },
  EndpointSlice: {
    metadata: { ...MANAGED.metadata, annotations: true, ownerReferences: true },
    ports: true,
    endpoints: { targetRef: true, hints: true, deprecatedTopology: true },
  },
} as const satisfies Readonly<Record<ServiceRef['kind'], LeaveOut>>;

/** Kubernetes' own kinds that routes to services depend on: only lists of all, and their changes. */
export function serviceAccess(kind: ServiceRef['kind']): ResourceAccess {
  const [group, plural] =
    kind === 'Service' ? (['', 'services'] as const) : (['discovery.k8s.io', 'endpointslices'] as const);
  const path = `${group === '' ? '/api/v1' : `/apis/${group}/v1`}/${plural}`;
  const read = (object: ApiObject): ReadEntry => {
    const [namespace, name] = [metadataText(object, 'namespace'), metadataText(object, 'name')];
    return {
      ref: { kind, namespace, name },
      at: placeOf({ plural, namespace }, name),
      fields: object,
      version: metadataText(object, 'resourceVersion'),
    };
  };
  return {
    get: () => undefined,
    decode: (object) => withText(read(object)),
    routed: { leaveOut: LONG[kind], read },
    list: () => ({ requests: [{ asked: { verb: 'list', group, resource: plural, name: '' }, method: 'GET', path }] }),
    write({ ref }) {
      throw new Failure('datastore refuses', `operation Update is not supported on ${textOf(ref)}`);
    },
  };
}
