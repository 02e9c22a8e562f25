import type { LogConf } from '../log/log-conf.ts';
/** The network configuration a runtime passes, with every default filled in (Calico's keys, matched in any case). */
export interface NetConf {
  /** '' when absent. */
  readonly cniVersion: string;
  readonly name: string;
  readonly type: string;
  readonly ipam: IpamConf;
  readonly mtu: number;
  readonly requireMtuFile: boolean;
  readonly numQueues: number;
  readonly nodename: string;
  readonly nodenameFile: string;
  readonly nodenameFileOptional: boolean;
  readonly hostname: string;
  readonly datastoreType: string;
  /** Of Calico's objects on the Kubernetes datastore, e.g. crd.projectcalico.org/v1. */
  readonly calicoApiGroup: string;
  readonly etcd: EtcdConf;
  readonly log: LogConf;
  readonly policy: PolicyConf;
  readonly kubernetes: KubernetesConf;
  readonly featureControl: { readonly ipAddrsNoIpam: boolean; readonly floatingIps: boolean };
  readonly allowIpForwarding: boolean;
  readonly includeDefaultRoutes: boolean;
  readonly deviceType: string;
  /** What limits the traffic: auto, plugin or felix. */
  readonly bandwidthBy: string;
  readonly readinessGates: readonly string[];
  readonly policySetupTimeoutSeconds: number;
  readonly endpointStatusDir: string;
  readonly dataplaneOptions: Readonly<Record<string, unknown>>;
  readonly windowsUseSingleNetwork: boolean;
  /** Whether ADDs and DELs are counted, for calicoctl ipam metrics. */
  readonly metrics: boolean;
  /** The lock file on which the allocating calls of this host queue. */
  readonly ipamLockFile: string;
  /** Mesos labels from args."org.apache.mesos", not yet sanitised. */
  readonly mesosLabels: readonly { readonly key: string; readonly value: string }[];
  /** args.cni.ips of the CNI conventions. */
  readonly argsIps: readonly string[];
  /** args.cni.ipGroup: a fixed address group. */
  readonly argsIpGroup: readonly string[];
  readonly runtimeConfig: RuntimeConfig;
  /** As given, not interpreted: undefined when absent. */
  readonly prevResult: unknown;
  /** GC: cni.dev/valid-attachments or cni.dev/attachments; undefined when neither is present. */
  readonly validAttachments: readonly ValidAttachment[] | undefined;
  /** Standard input unchanged, for a delegate. */
  readonly text: string;
}

export interface IpamConf {
  readonly type: string;
  readonly assignIpv4: boolean;
  readonly assignIpv6: boolean;
  readonly ipv4Pools: readonly string[];
  readonly ipv6Pools: readonly string[];
  /** The object as given (host-local's subnet, ranges, routes). */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface EtcdConf {
  readonly endpoints: string;
  readonly discoverySrv: string;
  readonly keyFile: string;
  readonly certFile: string;
  readonly caCertFile: string;
}

export interface PolicyConf {
  readonly type: string;
  readonly k8sApiRoot: string;
  readonly k8sAuthToken: string;
  readonly k8sClientCertificate: string;
  readonly k8sClientKey: string;
  readonly k8sCertificateAuthority: string;
}

export interface KubernetesConf {
  readonly kubeconfig: string;
  readonly k8sApiRoot: string;
  readonly nodeName: string;
}

export interface RuntimeConfig {
  readonly bandwidth?: Bandwidth;
  readonly ips?: readonly string[];
  /** A fixed address group. */
  readonly ipGroup?: readonly string[];
  readonly mac?: string;
}

/** Bits per second and bits, 0 when not given (the bandwidth plugin's convention). */
export interface Bandwidth {
  readonly ingressRate: number;
  readonly ingressBurst: number;
  readonly egressRate: number;
  readonly egressBurst: number;
}

export interface ValidAttachment {
  readonly containerID: string;
  readonly ifname: string;
}
