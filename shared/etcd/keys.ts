import { PLURALS, type ResourceKind } from '../calico/resource-kind.ts';
import { type ListQuery, selects } from '../datastore/query.ts';
import {
  type AffinityRef,
  CLUSTER_INFORMATION,
  type IpamHostRef,
  ipamHostRef,
  type Ref,
  type ResourceRef,
  textOf,
} from '../datastore/ref.ts';
import type { Family } from '../net/address.ts';
import { type Cidr, parseCidr } from '../net/cidr.ts';

const IPAM = '/calico/ipam/v2';
const RESOURCES = '/calico/resources/v3/projectcalico.org/';
const HANDLES = `${IPAM}/handle/`;
const HOSTS = `${IPAM}/host/`;

/** Kinds whose resources belong to a namespace. */
const NAMESPACED: ReadonlySet<ResourceKind> = new Set([
  'NetworkPolicy',
  'NetworkSet',
  'StagedKubernetesNetworkPolicy',
  'StagedNetworkPolicy',
  'WorkloadEndpoint',
] as const);
let kinds: ReadonlyMap<string, ResourceKind> | undefined;

/** The kind of this plural. The table is made by the first who asks. */
function kindOf(plural: string): ResourceKind | undefined {
  kinds ??= new Map(Object.entries(PLURALS).map(([kind, text]) => [text, kind as ResourceKind]));
  return kinds.get(plural);
}

const CONFIG_KEY = `${IPAM}/config`;
export const CLUSTER_INFORMATION_KEY = keyOf(CLUSTER_INFORMATION);

/** Where an object is stored. */
export function keyOf(ref: Ref): string {
  switch (ref.kind) {
    case 'block':
      return blockKey(ref.cidr);
    case 'affinity':
      return affinityKey(ref);
    case 'handle':
      return handleKey(ref.id);
    case 'ipamHost':
      return HOSTS + ref.node;
    case 'ipamConfig':
      return CONFIG_KEY;
    case 'unknown':
      return ref.at;
    case 'Service':
    case 'EndpointSlice':
      // Nothing is stored there: only Kubernetes has them.
      return textOf(ref);
    default:
      return resourceKey(PLURALS[ref.kind], ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`);
  }
}

/** The object that a key is for; undefined for a key that keyOf would not create. Such keys are skipped, as in Calico. */
export function refOf(key: string): Ref | undefined {
  if (key.startsWith(RESOURCES)) return resourceOf(key);
  if (key === CONFIG_KEY) return { kind: 'ipamConfig' };
  if (key.startsWith(HANDLES)) return key === HANDLES ? undefined : { kind: 'handle', id: key.slice(HANDLES.length) };
  const cidr = parseBlockKey(key);
  if (cidr !== undefined) return { kind: 'block', cidr };
  return parseAffinityKey(key) ?? parseHostKey(key);
}

/** The object of a list that a key is for; undefined for one of something else. */
export function refIn(list: ListQuery, key: string): Ref | undefined {
  const ref = refOf(key) ?? { kind: 'unknown', among: list.all, at: key };
  return selects(list, ref) ? ref : undefined;
}

function resourceOf(key: string): ResourceRef | undefined {
  const [plural = '', ...names] = key.slice(RESOURCES.length).split('/');
  const kind = kindOf(plural);
  if (kind === undefined || names.includes('')) return undefined;
  const [first, second] = names;
  if (!NAMESPACED.has(kind)) return names.length === 1 && first ? { kind, name: first } : undefined;
  return names.length === 2 && first && second ? { kind, namespace: first, name: second } : undefined;
}

/** Prefixes of the keys that a list may contain; other keys may be among them. */
export function prefixesOf({ all, node, namespace, prefix = '' }: ListQuery): readonly string[] {
  switch (all) {
    case 'block':
      return [blocksPrefix(4), blocksPrefix(6)];
    case 'affinity':
      return node === undefined ? AFFINITY_PREFIXES : [affinitiesPrefix(node)];
    case 'handle':
      return [handleKey(prefix)];
    case 'ipamHost':
      return [HOSTS + prefix];
    case 'ipamConfig':
      return [CONFIG_KEY];
    case 'Service':
    case 'EndpointSlice':
      return [];
    default:
      if (namespace !== undefined) return [resourceKey(PLURALS[all], `${namespace}/${prefix}`)];
      return [resourceKey(PLURALS[all], NAMESPACED.has(all) ? '' : prefix)];
  }
}

/** e.g. /calico/ipam/v2/assignment/ipv4/block/10.10.0.64-26 */
export const blockKey = (cidr: Cidr): string => blocksPrefix(cidr.family) + segment(cidr);

/** The prefix of all blocks of a family. */
export function blocksPrefix(family: Family): string {
  return `${IPAM}/assignment/ipv${family}/block/`;
}

/** All affinities lie under one of these: the nodes', and the load balancer's. */
const AFFINITY_PREFIXES: readonly string[] = [HOSTS, `${IPAM}/virtual/`];

/** A node's affinities of both families lie under it. */
export const affinitiesPrefix = (node: string): string => `${HOSTS}${node}/`;

export const handleKey = (handleID: string): string => `${HANDLES}${handleID}`;

function resourceKey(plural: string, name: string): string {
  return `${RESOURCES}${plural}/${name}`;
}

/** The block that a key is for; undefined for a key that blockKey would not create. */
export function parseBlockKey(key: string): Cidr | undefined {
  const cidr = parseSegment(key.slice(key.lastIndexOf('/') + 1));
  return cidr !== undefined && key === blockKey(cidr) ? cidr : undefined;
}

/** The owner and block that an affinity key is for; undefined for any other key. */
export function parseAffinityKey(key: string): AffinityRef | undefined {
  const match = /^\/calico\/ipam\/v2\/(host|virtual)\/([^/]+)\/ipv[46]\/block\/([^/]+)$/.exec(key);
  if (match === null) return undefined;
  const [, kind, node = '', block = ''] = match;
  const type = kind === 'host' ? 'host' : 'virtual';
  const cidr = parseSegment(block);
  return cidr !== undefined && key === affinityKey({ type, node, cidr })
    ? { kind: 'affinity', type, node, cidr }
    : undefined;
}

function parseHostKey(key: string): IpamHostRef | undefined {
  const node = key.startsWith(HOSTS) ? key.slice(HOSTS.length) : '';
  return node === '' || node.includes('/') ? undefined : ipamHostRef(node);
}

/** Node names go into IPAM keys unescaped. */
function affinityKey({ type, node, cidr }: Omit<AffinityRef, 'kind'>): string {
  return `${IPAM}/${type}/${node}/ipv${cidr.family}/block/${segment(cidr)}`;
}

const segment = (cidr: Cidr): string => cidr.text.replace('/', '-');
const parseSegment = (text: string): Cidr | undefined => parseCidr(text.replace('-', '/'));
