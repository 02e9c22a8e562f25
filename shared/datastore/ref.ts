import type { ResourceKind } from '../calico/resource-kind.ts';
import type { Cidr } from '../net/cidr.ts';

/** A v3 resource by its name; `namespace` for the kinds that have one. */
export interface ResourceRef {
  readonly kind: ResourceKind;
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface BlockRef {
  readonly kind: 'block';
  readonly cidr: Cidr;
}

/** `virtual`: an owner that is not a node, such as the load balancer. */
export interface AffinityRef {
  readonly kind: 'affinity';
  readonly type: 'host' | 'virtual';
  readonly node: string;
  readonly cidr: Cidr;
}

export interface HandleRef {
  readonly kind: 'handle';
  readonly id: string;
}

/** What Calico keeps of a host that uses IPAM beside its affinities: nothing but its name. */
export interface IpamHostRef {
  readonly kind: 'ipamHost';
  readonly node: string;
}

/** An object of Kubernetes' own that routes depend on. Only the Kubernetes datastore has them. */
export interface ServiceRef {
  readonly kind: 'Service' | 'EndpointSlice';
  readonly namespace: string;
  readonly name: string;
}

/** Something that lies among the objects of a kind under a name that Calico never gives. Only a list with strays finds it. */
interface UnknownRef {
  readonly kind: 'unknown';
  /** The kind whose list it was found in; undefined when it is named by its place alone. */
  readonly among?: Exclude<RefKind, 'unknown'>;
  readonly at: string;
}

/** What the datastore holds, named as Calico names it. Only an adapter knows where it is stored. */
export type Ref =
  | BlockRef
  | AffinityRef
  | HandleRef
  | IpamHostRef
  | { readonly kind: 'ipamConfig' }
  | ResourceRef
  | ServiceRef
  | UnknownRef;

export type RefKind = Ref['kind'];

export const blockRef = (cidr: Cidr): BlockRef => ({ kind: 'block', cidr });
export const affinityRef = (node: string, cidr: Cidr): AffinityRef => ({ kind: 'affinity', type: 'host', node, cidr });
export const handleRef = (id: string): HandleRef => ({ kind: 'handle', id });
export const ipamHostRef = (node: string): IpamHostRef => ({ kind: 'ipamHost', node });
export const IPAM_CONFIG: Ref = { kind: 'ipamConfig' };
export const CLUSTER_INFORMATION: ResourceRef = { kind: 'ClusterInformation', name: 'default' };
export const poolRef = (name: string): ResourceRef => ({ kind: 'IPPool', name });
export const nodeRef = (name: string): ResourceRef => ({ kind: 'Node', name });
export const profileRef = (name: string): ResourceRef => ({ kind: 'Profile', name });
export const endpointRef = (namespace: string, name: string): ResourceRef => ({
  kind: 'WorkloadEndpoint',
  namespace,
  name,
});

/** The name of an object as Calico prints it, e.g. `IPPool(default)`, `WorkloadEndpoint(prod/web)`; different for every ref. */
export function textOf(ref: Ref): string {
  switch (ref.kind) {
    case 'block':
      return `Block(${ref.cidr.text})`;
    case 'affinity':
      return `BlockAffinity(${ref.type}:${ref.node}, ${ref.cidr.text})`;
    case 'handle':
      return `Handle(${ref.id})`;
    case 'ipamHost':
      return `IPAMHost(${ref.node})`;
    case 'ipamConfig':
      return 'IPAMConfig';
    case 'unknown':
      return ref.at;
    default:
      return `${ref.kind}(${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name})`;
  }
}

export const isSame = (one: Ref, other: Ref): boolean => textOf(one) === textOf(other);
