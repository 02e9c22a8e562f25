import type { ListQuery } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';
import type { ApiGroup } from './api-group.ts';
import type { ApiObject } from './resource-access.ts';

/** How one kind of IPAM's objects is stored as a custom resource. Values are JSON as etcd stores it. */
export interface IpamObject {
  readonly plural: (group: ApiGroup) => string;
  readonly kind: (group: ApiGroup) => string;
  readonly name: (ref: Ref) => string;
  /** What an object is, by its spec; undefined when it cannot be read. */
  readonly refOf: (spec: ApiObject) => Ref | undefined;
  /** The original deletes in three steps; after the first the object counts as gone. */
  readonly isDeleted: (spec: ApiObject) => boolean;
  readonly value: (object: ApiObject) => string;
  readonly spec: (ref: Ref, value: string, group: ApiGroup) => ApiObject;
  readonly labels?: (ref: Ref) => Readonly<Record<string, string>>;
  /** A label selector that leaves out objects which the query does not select; '' for none. */
  readonly selector?: (query: ListQuery) => string;
}
