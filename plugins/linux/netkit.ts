import type { Log } from '../../shared/log/log.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { HOST_MAC } from '../dataplane/pair-request.ts';
import type { Netns } from './netns.ts';
import { StepRefused, takeInContainer, takeOnHost } from './steps.ts';
import { type Step, upSteps, type VethRequest } from './veth-plan.ts';

/**
 * Makes the pair as a netkit whose primary end is the host's; false where the kernel knows none, and a veth is to serve (as
 * Calico). Layer 2; that both ends let everything through until a program is attached is netkit's default.
 */
export function createNetkit(request: VethRequest, netns: Netns, log: Log): boolean {
  const { hostName, containerName, mac, mtu } = request;
  try {
    takeOnHost(
      [{ make: 'netkit', here: { name: hostName, mtu }, there: { name: containerName, mtu }, failure: '' }],
      netns,
    );
  } catch (error) {
    // As kernels before 6.7 say.
    if (!(error instanceof StepRefused) || error.errno !== Errno.notSupported) throw error;
    log.info('No netkit here, making a veth', { reason: error.message });
    return false;
  }
  // At birth only kernels from 6.13 on take a MAC.
  takeOnHost([macStep(hostName, HOST_MAC), ...upSteps(request)]);
  takeInContainer(netns, [], [macStep(containerName, mac)]);
  return true;
}

const macStep = (name: string, mac: string): Step => ({
  make: 'mac',
  name,
  mac,
  failure: `failed to set the MAC of ${name}`,
});
