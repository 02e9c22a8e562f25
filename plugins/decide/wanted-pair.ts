import { type CniArgs, readMac } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { macText } from '../../shared/net/mac.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import { DEFAULT_ROUTES, podRoutes } from '../kubernetes/container-routes.ts';
import type { Identity } from './identity.ts';

interface Wanting {
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly identity: Identity;
}

/** The interface pair as far as it is known before there are addresses. */
export function wantedPair(
  { conf, identity }: Omit<Wanting, 'args'>,
  { mac, mtu }: Pick<PairRequest, 'mac' | 'mtu'>,
): PairRequest {
  return {
    hostName: identity.hostVeth,
    containerName: identity.endpoint,
    mac,
    mtu,
    queues: conf.numQueues,
    addresses: [],
    // Without Kubernetes both defaults always, whatever ipam.routes says (as Calico).
    routes: identity.orchestrator === 'k8s' ? podRoutes(conf) : DEFAULT_ROUTES,
    allowIpForwarding: conf.allowIpForwarding,
    hostRoutes: true,
    ...(conf.deviceType === 'netkit' && { netkit: true }),
  };
}

/** The MAC asked for, '' when none is: the runtime's capability beats CNI_ARGS (CNI conventions). */
export const requestedMac = ({ conf, args }: Omit<Wanting, 'identity'>): string =>
  readMac(conf.runtimeConfig.mac ?? '') || args.mac;

/** A container's MAC from six random bytes: locally administered, unicast. */
export function macFrom(random: Uint8Array): string {
  const octets = random.slice(0, 6);
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return macText(octets);
}
