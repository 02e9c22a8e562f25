import { tools } from '../../build/tools.ts';
import type { Call } from '../support/calls/call.ts';
import type { Etcd } from '../support/etcd/etcd.ts';
import { type Conf, conf } from '../support/stored/cluster.ts';
import { runAlone } from './program.ts';
import type { Contestant, Pod } from './race.ts';

/** The specification's version for a call: the newest that supports every command. */
const versionFor = (command: string) => (command === 'STATUS' ? '1.1.0' : '1.0.0');

/** Changes to the recorder's network configuration for one of our executables. */
export interface Ours {
  readonly name: string;
  readonly etcd: Etcd;
  /** Path of the container's namespace. */
  readonly netns: string;
  /** A name in the directory of our executables, or a path. */
  readonly plugin?: string;
  readonly changes?: (pod: Pod) => Conf;
  readonly against?: string;
}

/** One of our executables. */
export function ours({ name, etcd, netns, plugin = 'calico', changes, against }: Ours): Contestant {
  const configured = (pod: Pod) => conf({ name: 'net1', etcd_endpoints: etcd.endpoint, ...changes?.(pod) });
  const call = (command: string, pod: Pod) => callOf(command, pod, { plugin, netns, conf: configured(pod) });
  return { name, etcd, call, ...(against === undefined ? {} : { against }) };
}

const RANGE4 = [{ subnet: '10.22.0.0/16' }];
const RANGE6 = [{ subnet: 'fd22::/64' }];

/** The reference: a veth pair by ptp with an address from host-local's files. */
export function reference(netns: string, families: 1 | 2 = 1): Contestant {
  const ranges = [RANGE4, RANGE6].slice(0, families);
  const configured = { name: 'ptp', type: 'ptp', ipam: { type: 'host-local', ranges, routes: [{ dst: '0.0.0.0/0' }] } };
  const call = (command: string, pod: Pod) =>
    callOf(command, pod, { plugin: `${tools().plugins}/ptp`, netns, conf: configured });
  return { name: REFERENCE, call, lacks: knowsStatus(call) ? [] : ['STATUS'] };
}

export const REFERENCE = 'ptp + host-local';

/** STATUS exists since version 1.1.0 of the specification. */
function knowsStatus(call: Contestant['call']): boolean {
  const { stdout } = runAlone(call('VERSION', { containerID: 'none', round: 0 }));
  return JSON.parse(stdout).supportedVersions.includes('1.1.0');
}

interface Configured {
  readonly plugin: string;
  readonly netns: string;
  readonly conf: Conf;
}

function callOf(
  command: string,
  { containerID, prevResult }: Pod,
  { plugin, netns, conf: configured }: Configured,
): Call {
  const previous = prevResult === undefined ? {} : { prevResult };
  return { command, plugin, containerID, netns, conf: { ...configured, cniVersion: versionFor(command), ...previous } };
}
