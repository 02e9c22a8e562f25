/** Where the programs are that no machine can be expected to have installed; absolute paths. */
export interface Tools {
  readonly etcd: string;
  readonly etcdctl: string;
  /** The folder of the reference CNI plugins (host-local, ptp, bandwidth, portmap, tuning, loopback …). */
  readonly plugins: string;
  readonly ping: string;
  /** Absent where there is neither Go nor Debian's golang packages. */
  readonly cnitool?: string;
  /** The folder of reference plugins that know CNI 1.1.0; absent where there is no Go that builds them. */
  readonly newPlugins?: string;
  /** Only for tests. */
  readonly iperf3?: string;
  /** The folder of iptables and ip6tables. */
  readonly iptables?: string;
  /** containerd's folders for PATH and for libraries, and busybox; absent where they cannot be had. */
  readonly containerd?: { readonly path: string; readonly libraries: string; readonly busybox: string };
  /** Kubernetes' API server; absent where there is no Go. */
  readonly kubeApiserver?: string;
  /** The Bun that compiles. */
  readonly bun: string;
  /** The folder of our own executables. */
  readonly bin: string;
}

const VARIABLE = 'CALICO_TOOLS';

/** What has been set up, for a program or test worker started by the set-up. */
export function tools(): Tools {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('Not set up: start with `npm test`, `npm run demo`, `npm run cni` …');
  return JSON.parse(text);
}

/** Hands the tools on to programs started from here. */
export const toolsVariable = (found: Tools): Record<string, string> => ({ [VARIABLE]: JSON.stringify(found) });
