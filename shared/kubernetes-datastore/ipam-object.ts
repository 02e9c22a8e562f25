import type { LeaveOut } from '../bytes/json.ts';
import type { ListQuery } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';
import type { ApiGroup } from './api-group.ts';
import type { ApiObject } from './resource-access.ts';

/** How one kind of IPAM object is stored as a custom resource. Values are JSON as stored in etcd. */
export interface IpamObject {
  readonly plural: (group: ApiGroup) => string;
  readonly kind: (group: ApiGroup) => string;
  readonly name: (ref: Ref) => string;
  /** The object's ref, from its spec; undefined when it cannot be read. */
  readonly refOf: (spec: ApiObject) => Ref | undefined;
  /** Calico deletes in three steps; after the first the object counts as missing. */
  readonly isDeleted: (spec: ApiObject) => boolean;
  /** The fields of its value. */
  readonly fields: (object: ApiObject) => ApiObject;
  readonly spec: (ref: Ref, value: string, group: ApiGroup) => ApiObject;
  readonly labels?: (ref: Ref) => Readonly<Record<string, string>>;
  /** What of a spec is long, and not needed to route to its addresses. */
  readonly unrouted?: LeaveOut;
  /** A label selector that narrows the list; '' for none. */
  readonly selector?: (query: ListQuery) => string;
}
