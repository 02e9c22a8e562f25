import type { Birds } from './bird.ts';
import type { OriginalPrograms } from './original-programs.ts';

/** What a cluster has besides its API server and kubelets. */
export const CLUSTER_PROGRAMS = ['kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl'] as const;
export type ClusterProgram = (typeof CLUSTER_PROGRAMS)[number];

/** Absolute paths of the programs that a machine may not have installed. */
export interface Tools {
  readonly etcd: string;
  readonly etcdctl: string;
  /** The folder of the reference CNI plugins (host-local, ptp, bandwidth, portmap, tuning, loopback …). */
  readonly plugins: string;
  readonly ping: string;
  /** Absent without Go. */
  readonly cnitool?: string;
  /** The directory of reference plugins that support CNI 1.1.0. Absent without Go. */
  readonly newPlugins?: string;
  /** For tests only. */
  readonly iperf3?: string;
  /** The directory of iptables and ip6tables. */
  readonly iptables?: string;
  /** The directory of nft, iptables-nft and iptables-legacy. */
  readonly packetFilters?: string;
  /** containerd's directories for PATH and for libraries, and busybox. Absent if unavailable. */
  readonly containerd?: { readonly path: string; readonly libraries: string; readonly busybox: string };
  /** The directory of prometheus and promtool. */
  readonly prometheus?: string;
  /** Kubernetes' API server. Absent without Go. */
  readonly kubeApiserver?: string;
  /** Absent without Go. */
  readonly kubelet?: string;
  /** Absent without Go. */
  readonly kubectl?: string;
  /** Programs of a whole cluster, by their names. Absent without Go. */
  readonly clusterPrograms?: Readonly<Record<ClusterProgram, string>>;
  /** The original Calico. Absent without Go, and unless `npm run original` asks for it. */
  readonly original?: OriginalPrograms;
  /** BIRD 1.6 and 2. For tests only. */
  readonly birds?: Birds;
  /** The native host: runs a JavaScript file, and makes executables. */
  readonly host: string;
  /** Executables and native host of the processor that this machine lacks, and what runs them. Absent if unavailable. */
  readonly otherProcessor?: { readonly emulator: string; readonly host: string; readonly bin: string };
  /** The directory of our own executables. */
  readonly bin: string;
}

const VARIABLE = 'CALICO_TOOLS';

/** The tools that were set up, for a program or test worker started by the setup. */
export function tools(): Tools {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('Not set up: start with `npm test`, `npm run demo`, `npm run cni` …');
  return JSON.parse(text);
}

/** Passes the tools on to programs started from here. */
export const toolsVariable = (found: Tools): Record<string, string> => ({ [VARIABLE]: JSON.stringify(found) });
