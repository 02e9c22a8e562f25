import type { Family } from '../../shared/net/address.ts';

/** What one ADD asks of IPAM. */
export interface AssignRequest {
  readonly node: string;
  readonly handleID: string;
  /** Stored with the address: node, timestamp, and pod and namespace under Kubernetes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** One address of each; not looked at when `fixed` names addresses. */
  readonly families: readonly Family[];
  /** Pools as configured, by CIDR or by name, in order of preference; none: every pool that selects node and namespace. */
  readonly pools4: readonly string[];
  readonly pools6: readonly string[];
  /** Addresses asked for by name (`IP=`, `ips`); none: any address. */
  readonly fixed: readonly string[];
  /** Of the pod's namespace, none without Kubernetes; undefined: for any namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  /** Most blocks this node may own in the pools used; 0 leaves it to the IPAM configuration. */
  readonly maxBlocks: number;
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** Spreads claims where a block is a single address and every claim needs one of its own. */
  readonly claimSalt: string;
}

export interface Assigned {
  readonly family: Family;
  /** Bare address. */
  readonly address: string;
  /** CIDR of the block that holds it. */
  readonly block: string;
  /** Name of the pool it lies in; '' when no enabled pool contains it any more. */
  readonly pool: string;
}

/** In the order asked for. */
export interface Assignment {
  readonly addresses: readonly Assigned[];
  /** The handle held no address before. */
  readonly isNew: boolean;
}

/** What IPAM is asked for here, in the words of a pool's allowedUses. */
export const USE = 'Workload';

/** Pools asked for by name or CIDR for a family. */
export const poolsAsked = (request: AssignRequest, family: Family): readonly string[] =>
  family === 4 ? request.pools4 : request.pools6;
