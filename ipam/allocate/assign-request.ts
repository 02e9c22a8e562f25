import { goTimestamp } from '../../shared/calico/go-time.ts';
import type { CniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseAddress } from '../../shared/net/address.ts';
import type { Assigned, AssignRequest } from './request.ts';

/** A call as far as addresses are concerned. */
export interface Asking {
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly node: string;
  readonly handleID: string;
  /** Of the pod's namespace, none without Kubernetes; undefined: for any namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  /** Wall clock, nanoseconds since 1970. */
  readonly now: bigint;
}

/**
 * Addresses asked for by name: the runtime's capability `ips` before `args.cni.ips` before CNI_ARGS' `IP` (CNI conventions).
 * A prefix length is allowed in the first two, and ignored here.
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

/** Turns configuration and arguments into what the allocator is asked for. */
export function assignRequest({ conf, args, node, handleID, namespaceLabels, now }: Asking): AssignRequest {
  const { assignIpv4, assignIpv6, ipv4Pools, ipv6Pools } = conf.ipam;
  const pod = args.k8sPodName !== '' && args.k8sPodNamespace !== '';
  return {
    node,
    handleID,
    attributes: {
      ...(pod ? { namespace: args.k8sPodNamespace } : {}),
      node,
      ...(pod ? { pod: args.k8sPodName } : {}),
      timestamp: goTimestamp(now),
    },
    families: [...(assignIpv4 ? [4 as const] : []), ...(assignIpv6 ? [6 as const] : [])],
    pools4: ipv4Pools,
    pools6: ipv6Pools,
    fixed: fixedAddresses(conf, args),
    namespaceLabels,
    // The Windows setting counts on every system (as Calico).
    maxBlocks: conf.windowsUseSingleNetwork ? 1 : 0,
    now,
    claimSalt: node,
  };
}

/** The address with its block's prefix length, as the original returns it; one that was asked for stands alone. */
export function networkOf(request: AssignRequest): (assigned: Assigned) => string {
  return ({ address, block }) => {
    const alone = address.includes(':') ? '/128' : '/32';
    return `${address}${request.fixed.length > 0 ? alone : block.slice(block.indexOf('/'))}`;
  };
}
