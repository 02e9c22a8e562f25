import { goTimestamp } from '../../shared/calico/go-time.ts';
import type { CniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseAddress } from '../../shared/net/address.ts';
import type { VirtualMachine } from '../config/virtual-machine.ts';
import { ordinalOfPod } from '../group/ordinal.ts';
import { readGroup } from '../group/read-group.ts';
import { type Assigned, type AssignRequest, type GroupWish, namesAddresses } from './request.ts';

/** The parts of a call that IPAM needs. */
export interface Asking {
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly node: string;
  readonly handleID: string;
  readonly machine?: VirtualMachine | undefined;
  /** The labels of the pod's namespace; empty without Kubernetes. Undefined: any namespace matches. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  /** Wall clock, nanoseconds since 1970. */
  readonly now: bigint;
}

/**
 * Specific addresses requested: the runtime's `ips` capability, else `args.cni.ips`, else `IP` in CNI_ARGS (CNI conventions).
 * The first two may have a prefix length, which is ignored here.
 */
function fixedAddresses(conf: NetConf, args: CniArgs): readonly string[] {
  const listed = conf.runtimeConfig.ips ?? (conf.argsIps.length > 0 ? conf.argsIps : undefined);
  if (listed === undefined) return args.ip === '' ? [] : [args.ip];
  return listed.map((text) => {
    const address = parseAddress(text.split('/')[0] ?? '');
    if (address !== undefined) return address.text;
    throw failure(`invalid IP address: ${text}`, 'in `ips` of runtimeConfig or args.cni');
  });
}

/** The fixed address group of the runtime's `ipGroup` capability, else of `args.cni.ipGroup`. */
function groupOf(conf: NetConf, pod: string): GroupWish | undefined {
  const { ipGroup } = conf.runtimeConfig;
  if (ipGroup === undefined && conf.argsIpGroup.length === 0) return undefined;
  const group =
    ipGroup === undefined
      ? readGroup(conf.argsIpGroup, 'args.cni.ipGroup')
      : readGroup(ipGroup, 'runtimeConfig.ipGroup');
  return { group, ordinal: ordinalOfPod(pod), last: [] };
}

/** Both say which address to assign, and only one can be right. */
function refuseBoth(fixed: readonly string[], group: GroupWish | undefined): void {
  if (fixed.length === 0 || group === undefined) return;
  throw failure(
    `cannot request both an address and a fixed address group: ${fixed.join(', ')}`,
    `${group.group.from}, and IP in CNI_ARGS, args.cni.ips or runtimeConfig.ips: leave one of them out`,
  );
}

/** Builds the allocation request from configuration and arguments. */
export function assignRequest(asking: Asking): AssignRequest {
  const { conf, args, node, machine, namespaceLabels, now } = asking;
  const { assignIpv4, assignIpv6, ipv4Pools, ipv6Pools } = conf.ipam;
  const pod = args.k8sPodName !== '' && args.k8sPodNamespace !== '';
  const fixed = fixedAddresses(conf, args);
  const group = groupOf(conf, pod ? args.k8sPodName : '');
  refuseBoth(fixed, group);
  return {
    node,
    handleID: machine?.handleID ?? asking.handleID,
    attributes: {
      ...(pod ? { namespace: args.k8sPodNamespace } : {}),
      node,
      ...(pod ? { pod: args.k8sPodName } : {}),
      timestamp: goTimestamp(now),
      ...machine?.attributes,
    },
    families: [...(assignIpv4 ? [4 as const] : []), ...(assignIpv6 ? [6 as const] : [])],
    pools4: ipv4Pools,
    pools6: ipv6Pools,
    fixed,
    group,
    namespaceLabels,
    // The Windows setting applies on every system (as Calico).
    maxBlocks: conf.windowsUseSingleNetwork ? 1 : 0,
    now,
    machine,
    claimSalt: node,
  };
}

/** The address with its block's prefix length, as Calico returns it; one that is requested or kept gets /32 or /128. */
export function networkOf(request: AssignRequest): (assigned: Assigned) => string {
  return ({ address, block, isKept }) => {
    const alone = address.includes(':') ? '/128' : '/32';
    return `${address}${namesAddresses(request) || isKept ? alone : block.slice(block.indexOf('/'))}`;
  };
}
