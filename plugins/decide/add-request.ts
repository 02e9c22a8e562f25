import { assignRequest } from '../../ipam/allocate/asked.ts';
import type { AssignRequest } from '../../ipam/allocate/request.ts';
import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import { readMac } from '../../shared/cni/args.ts';
import type { Session } from '../call/session.ts';
import type { Asked } from '../kubernetes/ask.ts';
import { DEFAULT_ROUTES, podRoutes } from '../kubernetes/container-routes.ts';
import type { PodContent } from '../kubernetes/pod-content.ts';
import { qosControlsOf } from '../kubernetes/qos.ts';
import { shapingOf } from '../linux/shaper.ts';
import { macFrom, type VethRequest } from '../linux/veth-plan.ts';
import { type AddRequest, sharedProfile } from './add-plan.ts';
import type { Made } from './del-plan.ts';
import type { EndpointContent } from './endpoint.ts';
import { mesosLabels } from './mesos-labels.ts';

/** What an ADD has found out by itself before it decides. */
export interface Findings {
  readonly mac: string;
  /** Addresses that another IPAM plugin has given. */
  readonly delegated: readonly string[] | undefined;
  readonly hostVethTaken: boolean;
}

/** What this ADD asks of the decision. */
export function addRequest(session: Session, asked: Asked, found: Findings): AddRequest {
  const { identity, world } = session;
  const { conf, pod } = asked;
  const { mac, delegated, hostVethTaken } = found;
  const given = delegated ?? unmanagedAddresses(pod);
  return {
    identity,
    content: { ...contentOf(session, pod), addresses: given ?? [], mac },
    birth: {
      uid: uuid(world.random(16)),
      profileUid: uuid(world.random(16)),
      creationTimestamp: rfc3339Seconds(world.now()),
    },
    profile: sharedProfile(conf),
    ipam: given === undefined ? ipamRequest(session, asked) : undefined,
    ownAddresses: given === undefined && (pod?.addresses.fixed.length ?? 0) > 0,
    floatingIPs: pod?.floatingIPs ?? [],
    hostVethTaken,
  };
}

/** By what an ADD that fails knows again what it has stored. */
export function madeBy({ args, conf }: Session, { birth, content }: AddRequest, asked: Asked): Made {
  const wasAskedFor = (asked.pod?.mac ?? '') !== '' || args.mac !== '' || (conf.runtimeConfig.mac ?? '') !== '';
  return { uid: birth.uid, mac: wasAskedFor ? '' : content.mac };
}

/** What an endpoint says of a container that says nothing itself, or of a pod. */
function contentOf(
  { conf, identity }: Session,
  pod: PodContent | undefined,
): Omit<EndpointContent, 'addresses' | 'mac'> {
  const qosControls = qosControlsOf(conf.runtimeConfig.bandwidth, pod?.qosControls);
  if (pod !== undefined) return { ...pod, qosControls };
  return { profiles: [conf.name], labels: ownLabels({ conf, identity }), qosControls };
}

/** The labels of a container that no pod's are known of. */
export const ownLabels = ({ conf, identity }: Pick<Session, 'conf' | 'identity'>): Readonly<Record<string, string>> =>
  identity.orchestrator === 'cni' ? mesosLabels(conf) : {};

function unmanagedAddresses(pod: PodContent | undefined): readonly string[] | undefined {
  return pod === undefined || pod.addresses.unmanaged.length === 0 ? undefined : pod.addresses.unmanaged;
}

function ipamRequest({ args, identity, world }: Session, { conf, pod, namespaceLabels }: Asked): AssignRequest {
  const { node, handleID } = identity;
  const request = assignRequest({ conf, args, node, handleID, namespaceLabels, now: world.now() });
  const fixed = pod?.addresses.fixed ?? [];
  return fixed.length === 0 ? request : { ...request, fixed };
}

/** The interface pair as far as it is known before there are addresses. */
export function vethRequest({ conf, args, identity, world }: Session, mtu: number): VethRequest {
  const shaping = shapingOf(conf, identity.hostVeth);
  return {
    hostName: identity.hostVeth,
    containerName: identity.endpoint,
    // The runtime's capability beats CNI_ARGS (CNI conventions).
    mac: readMac(conf.runtimeConfig.mac ?? '') || args.mac || macFrom(world.random(6)),
    mtu,
    queues: conf.numQueues,
    addresses: [],
    // Without Kubernetes both defaults always, whatever ipam.routes says (as Calico).
    routes: identity.orchestrator === 'k8s' ? podRoutes(conf) : DEFAULT_ROUTES,
    allowIpForwarding: conf.allowIpForwarding,
    hostRoutes: true,
    ...(conf.deviceType === 'netkit' && { netkit: true }),
    ...(shaping && { shaping }),
  };
}

/** A random (version 4) UUID from 16 random bytes. */
function uuid(random: Uint8Array): string {
  const bytes = [...random].map((byte, i) => (i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte));
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
