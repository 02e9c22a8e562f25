import type { ServiceRouting } from '../state/network-state.ts';
import type { StoredService, StoredSlice } from './stored-objects.ts';

/** Kinds of services that have addresses of their own. */
const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/** Whether endpoints say where a service's addresses are announced. */
export const dependsOnEndpoints = ({ externalTrafficPolicy, ...service }: StoredService): boolean =>
  externalTrafficPolicy === 'Local' && hasAddress(service);

const hasAddress = ({ type, clusterIp }: Pick<StoredService, 'type' | 'clusterIp'>): boolean =>
  TYPES.includes(type) && clusterIp !== '' && clusterIp !== 'None';

/** Services whose addresses this node may announce one by one: those with a ready endpoint here, and those that every node serves. */
export function serviceRouting(
  services: Iterable<StoredService>,
  slices: Iterable<StoredSlice>,
): readonly ServiceRouting[] {
  const here = new Set([...slices].filter(({ isHere }) => isHere).map((each) => familyKey(each.service, each.isIpv6)));
  return [...services].flatMap((service) => {
    const { name, type, clusterIp, externalIps, loadBalancerIps, askedLoadBalancerIp, externalTrafficPolicy } = service;
    const isLocal = externalTrafficPolicy === 'Local';
    if (!hasAddress(service) || (!isLocal && externalTrafficPolicy !== 'Cluster')) return [];
    if (isLocal && !here.has(familyKey(name, clusterIp.includes(':')))) return [];
    const asked = askedLoadBalancerIp === '' ? [] : [askedLoadBalancerIp];
    const balanced = type === 'LoadBalancer' ? [...asked, ...loadBalancerIps] : [];
    return [{ isLocal, clusterIp, externalIps, loadBalancerIps, balanced }];
  });
}

const familyKey = (service: string, isIpv6: boolean): string => `${service} ${isIpv6 ? 6 : 4}`;
