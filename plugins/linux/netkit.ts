import type { Log } from '../../shared/log/log.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { HOST_MAC } from '../dataplane/pair-request.ts';
import type { Netns } from './netns.ts';
import { runInContainer, runOnHost, StepRefused } from './run-steps.ts';
import { type Step, upSteps, type VethRequest } from './veth-plan.ts';

/**
 * Makes the pair as netkit, with the primary end on the host; returns false when the kernel does not support it, for a veth
 * instead (as Calico). Layer 2; by default both ends pass all traffic until a program is attached.
 */
export function createNetkit(request: VethRequest, netns: Netns, log: Log): boolean {
  const { hostName, containerName, mac, mtu } = request;
  try {
    runOnHost(
      [{ make: 'netkit', here: { name: hostName, mtu }, there: { name: containerName, mtu }, failure: '' }],
      netns,
    );
  } catch (error) {
    // The answer of kernels before 6.7.
    if (!(error instanceof StepRefused) || error.errno !== Errno.notSupported) throw error;
    log.info('netkit is not supported here, making a veth', { reason: error.message });
    return false;
  }
  // Only kernels from 6.13 on accept a MAC at creation.
  runOnHost([macStep(hostName, HOST_MAC), ...upSteps(request)]);
  runInContainer(netns, [], [macStep(containerName, mac)]);
  return true;
}

const macStep = (name: string, mac: string): Step => ({
  make: 'mac',
  name,
  mac,
  failure: `failed to set the MAC of ${name}`,
});
