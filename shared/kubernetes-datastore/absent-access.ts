import { textOf } from '../datastore/ref.ts';
import { Failure } from '../error/failure.ts';
import type { ResourceAccess } from './resource-access.ts';

/**
 * Kinds that etcd stores and the Kubernetes API does not: the hosts of IPAM, and BlockAffinity as a resource beside IPAM's own
 * affinities. They never exist, so there is nothing to delete.
 */
export const absentAccess: ResourceAccess = {
  get: () => undefined,
  decode: () => undefined,
  list: () => ({ requests: [] }),
  write({ ref, next }) {
    if (next === undefined) return [];
    throw new Failure('datastore refuses', `operation Create is not supported on ${textOf(ref)}`);
  },
};
