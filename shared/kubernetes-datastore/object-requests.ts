import { stringifyJson } from '../calico/json.ts';
import { type ApiGroup, apiVersionOf } from './api-group.ts';
import { metadataText } from './metadata.ts';
import { withParameters } from './request-parameters.ts';
import type { ApiObject, ApiRequest, Asked, WriteRequest } from './resource-access.ts';

/** A kind of Calico's custom resources. */
export interface Collection {
  readonly group: ApiGroup;
  /** Plural in lower case. */
  readonly plural: string;
  readonly namespace?: string | undefined;
}

const NOT_FOUND = 404;

const pathOf = ({ group, plural, namespace }: Collection): string =>
  `/apis/${apiVersionOf(group)}/${namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`}${plural}`;

const askedOf = ({ group, plural, namespace }: Collection, verb: Asked['verb'], name: string): Asked => ({
  verb,
  group: group.name,
  resource: plural,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});

/** e.g. `ipamblocks/10-0-0-64-26` */
export const placeOf = ({ plural, namespace }: Pick<Collection, 'plural' | 'namespace'>, name: string): string =>
  [plural, ...(namespace === undefined ? [] : [namespace]), name].join('/');

/** A quorum read, like every read without a resourceVersion. */
export const getRequest = (collection: Collection, name: string): ApiRequest => ({
  asked: askedOf(collection, 'get', name),
  method: 'GET',
  path: `${pathOf(collection)}/${encodeURIComponent(name)}`,
});

export function listRequest(collection: Collection, parameters: Readonly<Record<string, string>> = {}): ApiRequest {
  const request: ApiRequest = { asked: askedOf(collection, 'list', ''), method: 'GET', path: pathOf(collection) };
  return withParameters(request, parameters);
}

export const createRequest = (collection: Collection, object: ApiObject): WriteRequest => ({
  asked: askedOf(collection, 'create', metadataText(object, 'name')),
  method: 'POST',
  path: pathOf(collection),
  body: stringifyJson(object),
  // The kind does not exist.
  verdict: (status) => (status === NOT_FOUND ? 'refused' : undefined),
});

/** `object` has the resourceVersion that it replaces. */
export function updateRequest(collection: Collection, object: ApiObject): WriteRequest {
  const name = metadataText(object, 'name');
  return {
    asked: askedOf(collection, 'update', name),
    method: 'PUT',
    path: `${pathOf(collection)}/${encodeURIComponent(name)}`,
    body: stringifyJson(object),
  };
}

/** Deletes exactly the object seen: not another with its name, and not a later version. */
export function deleteRequest(collection: Collection, seen: ApiObject): WriteRequest {
  const name = metadataText(seen, 'name');
  const preconditions = { uid: metadataText(seen, 'uid'), resourceVersion: metadataText(seen, 'resourceVersion') };
  return {
    asked: askedOf(collection, 'delete', name),
    method: 'DELETE',
    path: `${pathOf(collection)}/${encodeURIComponent(name)}`,
    body: stringifyJson({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions }),
  };
}

/** Finishes another program's deletion; that program may be faster. */
export const finishRequest = (collection: Collection, seen: ApiObject): WriteRequest => ({
  ...deleteRequest(collection, seen),
  verdict: (status) => (status === NOT_FOUND ? 'in' : undefined),
});
