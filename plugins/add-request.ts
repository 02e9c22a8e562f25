import { assignRequest } from '../ipam/asked.ts';
import { rfc3339Seconds } from '../shared/calico/go-time.ts';
import { readMac } from '../shared/cni/args.ts';
import type { Bandwidth } from '../shared/cni/netconf.ts';
import type { AddRequest } from './add-plan.ts';
import { linkExists } from './kernel.ts';
import { mesosLabels } from './mesos-labels.ts';
import type { Session } from './session.ts';
import { macFrom, type VethRequest } from './veth-plan.ts';

/** What this ADD asks of the decision; `addresses` when another IPAM plugin has given them. */
export function addRequest(session: Session, mac: string, addresses: readonly string[] | undefined): AddRequest {
  const { conf, args, identity, world } = session;
  const { node, handleID } = identity;
  const asking = { conf, args, node, handleID, now: world.now() };
  return {
    identity,
    content: { addresses: addresses ?? [], mac, profiles: [conf.name], labels: mesosLabels(conf) },
    birth: {
      uid: uuid(world.random(16)),
      profileUid: uuid(world.random(16)),
      creationTimestamp: rfc3339Seconds(world.now()),
    },
    profile: conf.policy.type === '' ? conf.name : undefined,
    ipam: addresses === undefined ? assignRequest(asking) : undefined,
    hostVethTaken: linkExists(identity.hostVeth),
  };
}

/** The interface pair as far as it is known before there are addresses. */
export function vethRequest({ conf, args, identity, world }: Session, mtu: number): VethRequest {
  return {
    hostName: identity.hostVeth,
    containerName: identity.endpoint,
    // The runtime's capability beats CNI_ARGS (CNI conventions).
    mac: readMac(conf.runtimeConfig.mac ?? '') || args.mac || macFrom(world.random(6)),
    mtu,
    queues: conf.numQueues,
    addresses: [],
    // Without Kubernetes both defaults always, whatever ipam.routes says (facts §5).
    routes: [
      { family: 4, dst: '0.0.0.0/0' },
      { family: 6, dst: '::/0' },
    ],
    allowIpForwarding: conf.allowIpForwarding,
    hostRoutes: true,
    ...(limited(conf.runtimeConfig.bandwidth) && { shaping: conf.runtimeConfig.bandwidth }),
  };
}

const limited = (bandwidth: Bandwidth | undefined): bandwidth is Bandwidth =>
  bandwidth !== undefined && bandwidth.ingressRate + bandwidth.egressRate > 0;

/** A random (version 4) UUID from 16 random bytes. */
function uuid(random: Uint8Array): string {
  const bytes = [...random].map((byte, i) => (i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte));
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
