import { PLURALS, type ResourceKind } from '../calico/resource-kind.ts';
import type { RefKind } from '../datastore/ref.ts';
import { absentAccess } from './absent-access.ts';
import { AFFINITIES } from './affinity-object.ts';
import type { ApiGroup } from './api-group.ts';
import { BLOCKS } from './block-object.ts';
import { CONFIG } from './config-object.ts';
import { HANDLES } from './handle-object.ts';
import { ipamAccess } from './ipam-access.ts';
import type { IpamObject } from './ipam-object.ts';
import { nodeAccess } from './node-access.ts';
import { type EndpointReading, podAccess } from './pod-access.ts';
import { profileAccess } from './profile-access.ts';
import type { ResourceAccess } from './resource-access.ts';
import { resourceAccess } from './resource-object.ts';
import { serviceAccess } from './served-access.ts';

/** How the objects of each kind are read and written. */
export type AccessTo = (kind: RefKind) => ResourceAccess;

/** How endpoints are read, and the environment with further settings. */
export interface EndpointView {
  readonly reading: EndpointReading;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const IPAM: Readonly<Partial<Record<RefKind, IpamObject>>> = {
  block: BLOCKS,
  affinity: AFFINITIES,
  handle: HANDLES,
  ipamConfig: CONFIG,
};

/** The same in both groups. */
const FIXED: Readonly<Partial<Record<RefKind, ResourceAccess>>> = {
  ipamHost: absentAccess,
  BlockAffinity: absentAccess,
  Node: nodeAccess,
  Service: serviceAccess('Service'),
  EndpointSlice: serviceAccess('EndpointSlice'),
  Profile: profileAccess,
};

/** Access to each kind: custom resources of the group, or Kubernetes' own objects. */
export function accessIn(group: ApiGroup, { reading, env }: EndpointView): AccessTo {
  const made = new Map<RefKind, ResourceAccess>();
  const make = (kind: RefKind): ResourceAccess => {
    const ipam = IPAM[kind];
    if (ipam !== undefined) return ipamAccess(ipam, group);
    const fixed = FIXED[kind];
    if (fixed !== undefined) return fixed;
    if (kind === 'WorkloadEndpoint') return podAccess(reading, env);
    if (kind in PLURALS) return resourceAccess(kind as ResourceKind, group);
    throw new Error(`the Kubernetes datastore holds no objects of the kind ${kind}`);
  };
  return (kind) => {
    const access = made.get(kind) ?? make(kind);
    made.set(kind, access);
    return access;
  };
}
