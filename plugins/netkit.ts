import { toCniError } from '../shared/cni/error.ts';
import type { Log } from '../shared/log.ts';
import { runInContainer, runOnHost } from './batch.ts';
import type { Netns } from './netns.ts';
import { type BatchLine, HOST_MAC, upLines, type VethRequest } from './veth-plan.ts';

/** What kernels before 6.7, or iproute2 before it, say of a netkit. */
const UNKNOWN = /unknown device type|operation not supported|garbage instead of arguments/i;

/**
 * Makes the pair as a netkit whose primary end is the host's; false where kernel or iproute2 know none, and a veth is to
 * serve (as Calico).
 */
export function createNetkit(request: VethRequest, netns: Netns, log: Log): boolean {
  const { hostName, containerName, mac } = request;
  try {
    runOnHost([netkitLine(request, netns.reference)]);
  } catch (error) {
    const { message } = toCniError(error);
    if (!UNKNOWN.test(message)) throw error;
    log.info('No netkit here, making a veth', { reason: message });
    return false;
  }
  // At birth only kernels from 6.13 on take a MAC.
  runOnHost([addressLine(hostName, HOST_MAC), ...upLines(request)]);
  runInContainer(netns, [], [addressLine(containerName, mac)]);
  return true;
}

/** Layer 2; that both ends let everything through until a program is attached is netkit's default. */
function netkitLine({ hostName, containerName, mtu }: VethRequest, netns: string): BatchLine {
  const shape = mtu > 0 ? `mtu ${mtu} ` : '';
  const peer = `name "${containerName}" ${shape}netns ${netns}`;
  return { line: `link add name "${hostName}" ${shape}type netkit mode l2 peer ${peer}`, failure: '' };
}

function addressLine(name: string, mac: string): BatchLine {
  return { line: `link set dev "${name}" address ${mac}`, failure: `failed to set the MAC of ${name}` };
}
