import { stringifyJson } from '../calico/json.ts';
import { isObjectName } from '../calico/object-name.ts';
import { PLURALS, type ResourceKind } from '../calico/resource-kind.ts';
import { asObject, parseObject } from '../calico/stored.ts';
import { type Ref, type ResourceRef, textOf } from '../datastore/ref.ts';
import { Failure } from '../error/failure.ts';
import { type ApiGroup, apiVersionOf } from './api-group.ts';
import { metadataText, modelMetadata, writtenMetadata } from './metadata.ts';
import {
  type Collection,
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  placeOf,
  updateRequest,
} from './object-requests.ts';
import { keepsName, objectNameOf } from './policy-name.ts';
import { withPoolDefaults } from './pool-defaults.ts';
import type { ApiObject, ResourceAccess, WriteRequest } from './resource-access.ts';

/** How one kind of v3 resource is read and written in a group. */
export function resourceAccess(kind: ResourceKind, group: ApiGroup): ResourceAccess {
  const isConfig = kind === 'IPAMConfiguration' && group.version === 'v1';
  const stored: Stored = {
    kind,
    storedKind: isConfig ? 'IPAMConfig' : kind,
    group,
    at: (namespace) => ({ group, plural: isConfig ? 'ipamconfigs' : PLURALS[kind], namespace }),
  };
  return {
    get(ref) {
      const { namespace, name } = ref as ResourceRef;
      return isObjectName(name) ? getRequest(stored.at(namespace), objectNameOf(kind, group, name)) : undefined;
    },
    decode(object) {
      const metadata = modelMetadata(group, object, keepsName(kind, group));
      const namespace = metadataText(object, 'namespace') || undefined;
      return {
        ref: { kind, ...(namespace === undefined ? {} : { namespace }), name: String(metadata['name'] ?? '') },
        at: placeOf(stored.at(namespace), metadataText(object, 'name')),
        value: modelOf(kind, metadata, object),
        version: metadataText(object, 'resourceVersion'),
      };
    },
    list: ({ namespace }) => ({ requests: [listRequest(stored.at(namespace))] }),
    write({ ref, next }, seen) {
      const { namespace, name } = ref as ResourceRef;
      return requestsOf(stored, stored.at(namespace), ref, name, next, seen);
    },
  };
}

interface Stored {
  readonly kind: ResourceKind;
  readonly storedKind: string;
  readonly group: ApiGroup;
  readonly at: (namespace: string | undefined) => Collection;
}

function modelOf(kind: ResourceKind, metadata: ApiObject, object: ApiObject): string {
  const { kind: _, apiVersion: __, metadata: ___, spec, ...others } = object;
  return stringifyJson({
    kind,
    apiVersion: 'projectcalico.org/v3',
    metadata,
    spec: kind === 'IPPool' ? withPoolDefaults(asObject(spec) ?? {}) : (spec ?? {}),
    ...others,
  });
}

function requestsOf(
  { kind, storedKind, group }: Stored,
  collection: Collection,
  ref: Ref,
  name: string,
  next: string | undefined,
  seen: ApiObject | undefined,
): readonly WriteRequest[] {
  if (!isObjectName(name)) throw new Failure('datastore refuses', `${textOf(ref)} cannot be stored under this name`);
  if (next === undefined) return seen === undefined ? [] : [deleteRequest(collection, seen)];
  const { metadata, ...fields } = parseObject(textOf(ref), next);
  const object = {
    ...fields,
    kind: storedKind,
    apiVersion: apiVersionOf(group),
    metadata: writtenMetadata(group, asObject(metadata) ?? {}, seen, {
      objectName: objectNameOf(kind, group, name),
      keepsName: keepsName(kind, group),
    }),
  };
  return [(seen === undefined ? createRequest : updateRequest)(collection, object)];
}
