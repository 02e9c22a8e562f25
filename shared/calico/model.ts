/** Calico's stored JSON, spelt as in etcd. Unknown fields are kept when an object is read and written. */

export interface Metadata {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Resource<Spec> {
  readonly kind: string;
  readonly apiVersion: 'projectcalico.org/v3';
  readonly metadata: Metadata;
  readonly spec: Spec;
}

export interface IPPoolSpec {
  readonly cidr: string;
  readonly vxlanMode?: string;
  readonly ipipMode?: string;
  readonly natOutgoing?: boolean;
  readonly disabled?: boolean;
  readonly blockSize?: number;
  readonly nodeSelector?: string;
  readonly namespaceSelector?: string;
  readonly allowedUses?: readonly string[];
  readonly assignmentMode?: string;
}

export interface EndpointPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly hostPort: number;
  readonly hostIP: string;
}

export interface IPNAT {
  readonly internalIP: string;
  readonly externalIP: string;
}

export interface WorkloadEndpointSpec {
  readonly orchestrator?: string;
  readonly workload?: string;
  readonly node?: string;
  readonly containerID?: string;
  readonly pod?: string;
  readonly endpoint?: string;
  readonly serviceAccountName?: string;
  readonly ipNetworks?: readonly string[];
  readonly ipNATs?: readonly IPNAT[];
  readonly ipv4Gateway?: string;
  readonly ipv6Gateway?: string;
  readonly profiles?: readonly string[];
  readonly interfaceName?: string;
  readonly mac?: string;
  readonly ports?: readonly EndpointPort[];
  readonly allowSpoofedSourcePrefixes?: readonly string[];
  readonly qosControls?: Readonly<Record<string, number | string>>;
}

export type WorkloadEndpoint = Resource<WorkloadEndpointSpec>;

/** Attributes of one or more allocations in a block (`handle_id`, `secondary` belong to the active owner). */
export interface AllocationAttribute {
  readonly handle_id?: string;
  readonly secondary?: Readonly<Record<string, string>>;
  readonly alternateOwnerAttrs?: Readonly<Record<string, string>>;
  readonly releasedAt?: string;
}

export interface Block {
  readonly cidr: string;
  readonly affinity: string | null;
  readonly affinity_claim_time?: string;
  readonly allocations: readonly (number | null)[];
  readonly unallocated: readonly number[];
  readonly attributes: readonly AllocationAttribute[] | null;
  readonly sequenceNumber: bigint;
  readonly sequenceNumberForAllocation: Readonly<Record<string, bigint>> | null;
  readonly deleted: boolean;
  readonly hostAffinity?: string;
}

export type AffinityState = 'pending' | 'confirmed' | 'pendingDeletion' | '';

/** How many addresses a handle holds, by block CIDR. */
export interface Handle {
  readonly block: Readonly<Record<string, number>>;
  readonly deleted: boolean;
}

export interface IPAMConfig {
  readonly strict_affinity: boolean;
  readonly auto_allocate_blocks: boolean;
  readonly maxBlocksPerHost: number;
  readonly ipCooldownSeconds: number;
  readonly kubeVirtVMAddressPersistence?: string;
}
