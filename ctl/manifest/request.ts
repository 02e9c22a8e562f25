/** How a pool's traffic between nodes is wrapped, in the operator's words. */
export const ENCAPSULATIONS = ['None', 'IPIP', 'IPIPCrossSubnet', 'VXLAN', 'VXLANCrossSubnet'] as const;
export type Encapsulation = (typeof ENCAPSULATIONS)[number];

/** A pool as it was asked for. What is absent has the default of its family. */
export interface PoolRequest {
  /** Where it was asked for, for messages: `--pool 10.244.0.0/16`, `spec.calicoNetwork.ipPools[0] 10.244.0.0/16`. */
  readonly from: string;
  readonly cidr: string;
  readonly name?: string | undefined;
  readonly blockSize?: number | undefined;
  readonly encapsulation?: Encapsulation | undefined;
  readonly natOutgoing?: boolean | undefined;
  readonly nodeSelector?: string | undefined;
  readonly disableBGPExport?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly allowedUses?: readonly string[] | undefined;
  readonly assignmentMode?: string | undefined;
}

/** How etcd is reached; the certificates are texts, '' without. */
export interface EtcdRequest {
  readonly endpoints: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What of the network an operator's Installation can say, besides its pools. */
export interface NetworkRequest {
  /** The folders on the nodes. */
  readonly binFolder: string;
  readonly netFolder: string;
  /** 0: what calico/node has found out, else 1500. */
  readonly mtu: number;
  /** Whether the list has `portmap`. */
  readonly hostPorts: boolean;
  /** Whether containers may forward packets. */
  readonly forwarding: boolean;
}

/** Who makes routes between nodes: somebody else, or `calicoctl node run` by VXLAN or through BIRD. */
export const NODE_NETWORKS = ['none', 'vxlan', 'bgp'] as const;
export type NodeNetwork = (typeof NODE_NETWORKS)[number];

/** Everything that a manifest depends on. */
export interface ManifestRequest {
  /** Undefined: the Kubernetes API. */
  readonly etcd: EtcdRequest | undefined;
  readonly pools: readonly PoolRequest[];
  readonly network: NetworkRequest;
  readonly routing: NodeNetwork;
  readonly image: string;
  /** The custom resource definitions: beside the rest, without it, or left out. */
  readonly crds: 'with' | 'only' | 'none';
}
