import { isObjectName } from '../calico/object-name.ts';
import { asObject } from '../calico/stored.ts';
import type { SeenChange } from '../datastore/datastore.ts';
import { isSame, type Ref, textOf } from '../datastore/ref.ts';
import type { ReadEntry } from '../datastore/watch.ts';
import { withText } from '../datastore/with-text.ts';
import { Failure } from '../error/failure.ts';
import { type ApiGroup, apiVersionOf } from './api-group.ts';
import type { IpamObject } from './ipam-object.ts';
import { ipamMetadata, MANAGED, metadataOf, metadataText, specOf } from './metadata.ts';
import {
  type Collection,
  createRequest,
  deleteRequest,
  finishRequest,
  getRequest,
  listRequest,
  placeOf,
  updateRequest,
} from './object-requests.ts';
import type { ApiObject, ApiRequest, ResourceAccess, WriteRequest } from './resource-access.ts';

/** How one kind of IPAM object is read and written in a group. Objects half deleted by Calico count as missing. */
export function ipamAccess(shape: IpamObject, group: ApiGroup): ResourceAccess {
  const collection: Collection = { group, plural: shape.plural(group) };
  const { unrouted } = shape;
  const read = (object: ApiObject): ReadEntry | undefined => {
    const spec = specOf(object);
    const ref = shape.refOf(spec);
    if (ref === undefined || shape.isDeleted(spec)) return undefined;
    const at = placeOf(collection, metadataText(object, 'name'));
    return { ref, at, fields: shape.fields(object), version: metadataText(object, 'resourceVersion') };
  };
  return {
    get(ref) {
      const name = shape.name(ref);
      return isObjectName(name) ? getRequest(collection, name) : undefined;
    },
    decode(object) {
      const found = read(object);
      return found && withText(found);
    },
    ...(unrouted === undefined ? {} : { routed: { leaveOut: { ...MANAGED, spec: unrouted }, read } }),
    oddity: (object) => oddityOf(shape, object),
    finish: (object) => (shape.isDeleted(specOf(object)) ? finishRequest(collection, object) : undefined),
    list: (query) => ({ requests: [listOf(collection, shape.selector?.(query) ?? '')] }),
    write: (change, seen) => requestsOf(shape, collection, change, seen),
  };
}

function oddityOf(shape: IpamObject, object: ApiObject): ReturnType<NonNullable<ResourceAccess['oddity']>> {
  const spec = specOf(object);
  const ref = shape.refOf(spec);
  if (ref === undefined) return 'unreadable';
  if (shape.isDeleted(spec)) return 'half deleted';
  const labels = asObject(metadataOf(object)['labels']) ?? {};
  const isLabelled = Object.entries(shape.labels?.(ref) ?? {}).every(([name, value]) => labels[name] === value);
  return isLabelled ? undefined : 'unlabelled';
}

/** Objects in one answer to a list of all: a full block has 20 KB, and a cluster may have ten thousand. */
const PAGE = '500';

/** A node's own are few. */
const listOf = (collection: Collection, labelSelector: string): ApiRequest =>
  listRequest(collection, labelSelector === '' ? { limit: PAGE } : { labelSelector });

function requestsOf(
  shape: IpamObject,
  collection: Collection,
  { ref, next }: SeenChange,
  seen: ApiObject | undefined,
): readonly WriteRequest[] {
  const name = shape.name(ref);
  if (!isObjectName(name)) throw unstorable(ref, name);
  if (seen !== undefined && shape.isDeleted(specOf(seen))) {
    // Not reused: the program that is deleting it has its uid.
    const finished = finishRequest(collection, seen);
    return next === undefined
      ? [finished]
      : [finished, createRequest(collection, written(shape, collection, ref, next))];
  }
  if (seen === undefined)
    return next === undefined ? [] : [createRequest(collection, written(shape, collection, ref, next))];
  requireIts(ref, shape.refOf(specOf(seen)), placeOf(collection, name));
  if (next === undefined) return [deleteRequest(collection, seen)];
  return [updateRequest(collection, written(shape, collection, ref, next, seen))];
}

/** The object to write, replacing the one seen or new. */
const written = (shape: IpamObject, { group }: Collection, ref: Ref, value: string, seen?: ApiObject): ApiObject => ({
  kind: shape.kind(group),
  apiVersion: apiVersionOf(group),
  metadata: ipamMetadata(group, shape.name(ref), shape.labels?.(ref), seen),
  spec: shape.spec(ref, value, group),
});

const unstorable = (ref: Ref, name: string): Failure =>
  new Failure(
    'datastore refuses',
    `${textOf(ref)} cannot be stored: ${JSON.stringify(name)} is not a valid object name`,
    {
      where:
        'Kubernetes allows at most 253 of a-z, 0-9, "-" and ".", beginning and ending with a letter or digit; nothing was stored',
      remedy:
        ref.kind === 'handle'
          ? 'rename the network (name in the network configuration), or configure the runtime to use other container IDs'
          : 'rename the node or change the pool',
    },
  );

/** Refuses when another of Calico's names maps to the same object name. */
function requireIts(ref: Ref, other: Ref | undefined, at: string): void {
  if (other !== undefined && isSame(ref, other)) return;
  const holder = other === undefined ? 'an unreadable object' : textOf(other);
  throw new Failure('datastore refuses', `${textOf(ref)} cannot be stored: ${at} holds ${holder}`, {
    remedy: 'both map to the same object name in Kubernetes: rename one of them, or delete the unused one',
  });
}
