import type { Family } from '../../shared/net/address.ts';
import type { VirtualMachine } from '../config/virtual-machine.ts';
import type { Group } from '../group/group.ts';

/** What one ADD requests from IPAM. */
export interface AssignRequest {
  readonly node: string;
  readonly handleID: string;
  /** Stored with the address: node and timestamp; with Kubernetes also pod and namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What the address is for, which its pool must allow; a workload if not said. */
  readonly use?: 'Tunnel';
  /** One address of each family; ignored when `fixed` names addresses. */
  readonly families: readonly Family[];
  /** Pools by CIDR or name, in order of preference. Empty: every pool that selects node and namespace. */
  readonly pools4: readonly string[];
  readonly pools6: readonly string[];
  /** Specific addresses requested (`IP=`, `ips`). Empty: any address. */
  readonly fixed: readonly string[];
  /** One member of this group for each of `families`; not with `fixed`. */
  readonly group?: GroupWish | undefined;
  /** The labels of the pod's namespace; empty without Kubernetes. Undefined: any namespace matches. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  /** Most blocks that this node may own in the pools used; 0: the IPAM configuration's limit. */
  readonly maxBlocks: number;
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** The virtual machine that keeps the addresses, with `handleID` as its handle; undefined for an ordinary container. */
  readonly machine?: Pick<VirtualMachine, 'isTarget'> | undefined;
  /** Spreads claims in pools whose blocks are single addresses, where every container claims its own block. */
  readonly claimSalt: string;
}

/** A fixed address group, and what decides which member is assigned. */
export interface GroupWish {
  readonly group: Group;
  /** The pod's: it gets the member of that number and no other. */
  readonly ordinal: number | undefined;
  /** Addresses that the pod's name held last: preferred, if they are free members. */
  readonly last: readonly string[];
  /** The caller can find out whether a container is gone: fail if one of this pod's name has a member, instead of choosing another. */
  readonly asksBack?: boolean;
}

export interface Assigned {
  readonly family: Family;
  /** Without prefix length. */
  readonly address: string;
  /** CIDR of the block that holds it. */
  readonly block: string;
  /** The pool that contains it; '' when no enabled pool does any more. */
  readonly pool: string;
  /** A virtual machine has had it before: the result shows it as /32 or /128. */
  readonly isKept?: true;
}

/** In the requested order. */
export interface Assignment {
  readonly addresses: readonly Assigned[];
  /** Whether the handle held no address before. */
  readonly isNew: boolean;
}

/** The use that pools must allow unless the request says another, as in their allowedUses. */
export const USE = 'Workload';

/** Whether the addresses are named by the request: then the result has each alone (/32, /128). */
export const namesAddresses = ({ fixed, group }: Pick<AssignRequest, 'fixed' | 'group'>): boolean =>
  fixed.length > 0 || group !== undefined;

/** The pools requested for a family, by name or CIDR. */
export const poolsAsked = (request: AssignRequest, family: Family): readonly string[] =>
  family === 4 ? request.pools4 : request.pools6;
