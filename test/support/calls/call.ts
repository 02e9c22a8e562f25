import { tools } from '../../../build/tools.ts';
import type { Host, Ran } from '../host/host.ts';
import type { Conf } from '../stored/cluster.ts';

/** One call as a runtime makes it. An empty or missing value leaves the variable out, as a runtime does. */
export interface Call {
  readonly command: string;
  /** One of our executables by name, `calico` when absent, or any plugin by its path. */
  readonly plugin?: string;
  readonly containerID?: string;
  readonly netns?: string;
  readonly ifname?: string;
  readonly args?: string;
  /** CNI_PATH; ours and the reference plugins when absent. */
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  /** Standard input: a configuration, or any text. */
  readonly conf: Conf | string;
  /** Milliseconds until SIGKILL. */
  readonly killAfter?: number;
}

/** The parts of a CNI result that tests look at. */
export interface CniResult {
  readonly cniVersion: string;
  readonly interfaces?: readonly {
    readonly name: string;
    readonly mac?: string;
    readonly sandbox?: string;
    readonly mtu?: number;
  }[];
  readonly ips: readonly { readonly address: string; readonly interface?: number; readonly version?: string }[];
  readonly routes?: readonly { readonly dst: string }[];
}

export interface CniFailure {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

export const cniPath = () => `${tools().bin}:${tools().plugins}`;

/** A runtime's minimal environment: only CNI_*, without PATH and HOME. */
export function environment(call: Call): Record<string, string> {
  const variables: Record<string, string | undefined> = {
    CNI_COMMAND: call.command,
    CNI_CONTAINERID: call.containerID,
    CNI_NETNS: call.netns,
    CNI_IFNAME: call.ifname ?? 'eth0',
    CNI_ARGS: call.args,
    CNI_PATH: call.path ?? cniPath(),
    ...call.env,
  };
  const given = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given) as Record<string, string>;
}

/** Runs an executable exactly as a runtime does. */
export function callPlugin(host: Host, call: Call): Promise<Ran> {
  const { plugin = 'calico' } = call;
  const program = plugin.startsWith('/') ? plugin : `${tools().bin}/${plugin}`;
  const input = typeof call.conf === 'string' ? call.conf : JSON.stringify(call.conf);
  const options = {
    env: environment(call),
    input,
    ...(call.killAfter === undefined ? {} : { killAfter: call.killAfter }),
  };
  return host.run(program, call.argv ?? [], options);
}

/** The result of a successful call. A failed one throws with its whole output. */
export function resultOf(ran: Ran): CniResult {
  if (ran.exit !== 0) throw new Error(`exit ${ran.exit}\nstdout: ${ran.stdout}\nstderr: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

/** The error object of a call that failed as specified: exit status 1, JSON on stdout. */
export function failureOf(ran: Ran): CniFailure {
  if (ran.exit !== 1) throw new Error(`exit ${ran.exit} instead of 1\nstdout: ${ran.stdout}\nstderr: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

/** Expects a successful call without output: DEL, CHECK, STATUS, GC. */
export function silentSuccess(ran: Ran): void {
  if (ran.exit !== 0 || ran.stdout !== '')
    throw new Error(`exit ${ran.exit}\nstdout: ${ran.stdout}\nstderr: ${ran.stderr}`);
}

/** The addresses of a result without their prefix lengths. */
export const addressesOf = (result: CniResult) => result.ips.map((ip) => ip.address.replace(/\/.*/, ''));
