import type { Family } from '../net/address.ts';
import { type Cidr, parseCidr } from '../net/cidr.ts';

const IPAM = '/calico/ipam/v2';
const RESOURCES = '/calico/resources/v3/projectcalico.org';

export const CONFIG_KEY = `${IPAM}/config`;
export const CLUSTER_INFORMATION_KEY = resourceKey('clusterinformations', 'default');
export const poolsPrefix = resourceKey('ippools', '');
export const reservationsPrefix = resourceKey('ipreservations', '');

/** Who owns a block: a node, or something without one (`virtual`: the load balancer's). */
type AffinityType = 'host' | 'virtual';

export interface AffinityName {
  readonly type: AffinityType;
  readonly node: string;
  readonly cidr: Cidr;
}

/** e.g. /calico/ipam/v2/assignment/ipv4/block/10.10.0.64-26 */
export const blockKey = (cidr: Cidr): string => blocksPrefix(cidr.family) + segment(cidr);

/** All blocks of a family lie under it. */
export const blocksPrefix = (family: Family): string => `${IPAM}/assignment/ipv${family}/block/`;

/** A node's affinity for a block. Node names go into IPAM keys unescaped. */
export const affinityKey = (node: string, cidr: Cidr): string => affinityKeyOf('host', node, cidr);

/** All affinities lie under one of these: the nodes', and the load balancer's. */
export const AFFINITY_PREFIXES: readonly string[] = [`${IPAM}/host/`, `${IPAM}/virtual/`];

/** A node's affinities of both families lie under it. */
export const affinitiesPrefix = (node: string): string => `${IPAM}/host/${node}/`;

export const handleKey = (handleID: string): string => `${IPAM}/handle/${handleID}`;

/** A v3 resource without namespace; `plural` is lower case. */
export function resourceKey(plural: string, name: string): string {
  return `${RESOURCES}/${plural}/${name}`;
}

const namespacedKey = (plural: string, namespace: string, name: string): string =>
  resourceKey(plural, `${namespace}/${name}`);

export const nodeKey = (name: string): string => resourceKey('nodes', name);
export const profileKey = (name: string): string => resourceKey('profiles', name);
export const endpointKey = (namespace: string, name: string): string =>
  namespacedKey('workloadendpoints', namespace, name);

/** All endpoints of a namespace whose name begins with `namePrefix`. */
export const endpointsPrefix = (namespace: string, namePrefix: string): string => endpointKey(namespace, namePrefix);

/** The block a key is for; undefined for any key that blockKey would not have made: such keys are passed over, as Calico does. */
export function parseBlockKey(key: string): Cidr | undefined {
  const cidr = parseSegment(key.slice(key.lastIndexOf('/') + 1));
  return cidr !== undefined && key === blockKey(cidr) ? cidr : undefined;
}

/** Owner and block an affinity key is for; undefined for any other key. */
export function parseAffinityKey(key: string): AffinityName | undefined {
  const match = /^\/calico\/ipam\/v2\/(host|virtual)\/([^/]+)\/ipv[46]\/block\/([^/]+)$/.exec(key);
  if (match === null) return undefined;
  const [, kind, node = '', block = ''] = match;
  const type = kind === 'host' ? 'host' : 'virtual';
  const cidr = parseSegment(block);
  return cidr !== undefined && key === affinityKeyOf(type, node, cidr) ? { type, node, cidr } : undefined;
}

const affinityKeyOf = (type: AffinityType, node: string, cidr: Cidr): string =>
  `${IPAM}/${type}/${node}/ipv${cidr.family}/block/${segment(cidr)}`;

const segment = (cidr: Cidr): string => cidr.text.replace('/', '-');
const parseSegment = (text: string): Cidr | undefined => parseCidr(text.replace('-', '/'));
