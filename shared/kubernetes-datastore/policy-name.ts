import type { ResourceKind } from '../calico/resource-kind.ts';
import type { ApiGroup } from './api-group.ts';

/** Policies, whose objects in v1 have the tier in front of their names. */
const POLICIES: readonly ResourceKind[] = [
  'GlobalNetworkPolicy',
  'NetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedNetworkPolicy',
];

/** Whether Calico also keeps the resource's own name, in v1's annotation. */
export const keepsName = (kind: ResourceKind, { version }: ApiGroup): boolean =>
  version === 'v1' && POLICIES.includes(kind);

/** The object's name of a resource: in v1 a policy without a tier in its name gets `default.` in front of it. */
export const objectNameOf = (kind: ResourceKind, group: ApiGroup, name: string): string =>
  keepsName(kind, group) && !name.includes('.') ? `default.${name}` : name;
