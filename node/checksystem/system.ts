/** A machine as `calicoctl node checksystem` sees it. */
export interface System {
  /** Its kernel's release, e.g. 6.1.0-18-amd64. */
  readonly kernel: string;
  readonly isRoot: boolean;
  readonly modules: KernelModules;
  /** Values by their path below /proc/sys, e.g. net/ipv4/ip_forward; undefined when there is none. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Whether settings can be changed. */
  readonly canChangeSettings: boolean;
  /** The names of running programs, as the kernel cuts them: at most 15 characters. */
  readonly running: ReadonlySet<string>;
  /** Why `calicoctl node run` refuses to start here; undefined when it does not. */
  readonly rival: string | undefined;
  readonly interfaces: readonly string[];
  /** Network configurations of the runtime, in its order. */
  readonly netConfs: readonly NamedText[];
  /** Configuration files of programs that manage networks, by program. */
  readonly managers: Readonly<Record<'NetworkManager' | 'systemd-networkd' | 'ufw', readonly NamedText[]>>;
  /** Paths of programs; undefined when missing. */
  readonly programs: Readonly<Record<string, string | undefined>>;
  /** The policy of the FORWARD chain; undefined when it cannot be asked for. */
  readonly forwardPolicy: Readonly<Record<'iptables' | 'ip6tables', string | undefined>>;
}

export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** What is known of a kernel's modules. */
export interface KernelModules {
  readonly loaded: ReadonlySet<string>;
  /** Undefined when there is no folder of modules for this kernel. */
  readonly onDisk: ReadonlySet<string> | undefined;
  readonly builtIn: ReadonlySet<string>;
  /** The kernel's configuration as text; undefined when there is none. */
  readonly config: string | undefined;
}
