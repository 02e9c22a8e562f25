import { CniError, failure, toCniError } from '../shared/cni/error.ts';
import { exists, overwrite } from '../shared/files.ts';
import type { Log } from '../shared/log.ts';
import { deleteLink } from '../shared/netlink/link.ts';
import { isMissing, withNetlink } from '../shared/netlink/socket.ts';
import { explainRouteConflict } from './host-routes.ts';
import { createNetkit } from './netkit.ts';
import type { Netns } from './netns.ts';
import { isForeign, isIntact, missingFromKernel, unroutedOnHost } from './pair-check.ts';
import { type NamespaceState, readContainer, readHost } from './pair-state.ts';
import { shaperNames } from './shaper.ts';
import { takeInContainer, takeOnHost } from './steps.ts';
import { missingShaping, shape } from './traffic.ts';
import {
  containerSteps,
  containerSysctls,
  createSteps,
  hostSteps,
  hostSysctls,
  type PodAddress,
  type Sysctl,
  shapingSteps,
  upSteps,
  type VethRequest,
} from './veth-plan.ts';

/** Whether a link of this name is in the namespace we run in (/proc/sys shows the caller's, /sys the mounter's). */
export function linkExists(name: string): boolean {
  return exists(`/proc/sys/net/ipv4/conf/${name}`);
}

/**
 * Makes the pair, or nothing; the far end is born in the container's netns under its final name. Fails with "file exists"
 * when either name is taken.
 */
export function createPair(request: VethRequest, netns: Netns, log: Log): void {
  // A killed ADD whose pair went with its netns leaves the device that shaped it.
  if (request.shaping !== undefined && !linkExists(request.hostName)) removeLink(request.shaping.device);
  try {
    if (request.netkit === true && createNetkit(request, netns, log)) takeOnHost(shapingSteps(request));
    else takeOnHost(createSteps(request), netns);
  } catch (error) {
    // The first step makes the pair; had that failed, a link of this name would be somebody else's.
    if (!isTaken(error)) removeHostLink(request.hostName);
    throw error;
  }
}

const isTaken = (error: unknown): boolean => error instanceof CniError && error.message === 'file exists';

/** What needs the addresses: the container's end, then the host's. A host route that another interface holds is an error naming it. */
export function configurePair(request: VethRequest, netns: Netns, log: Log): void {
  setHostSysctls(request, log);
  takeInContainer(netns, containerSysctls(request), containerSteps(request, 'add'));
  if (request.shaping !== undefined) shape(request.hostName, request.shaping);
  routeOnHost(request, request.hostRoutes ? request.addresses : []);
}

/** Makes the kernel hold what `request` says where something may already stand: mends an intact pair, else makes it anew. */
export function repairPair(request: VethRequest, netns: Netns, log: Log): void {
  const host = readHost(request.hostName);
  const container = readContainer(netns);
  const missing = faultsInKernel(request, host, container);
  if (missing.length === 0) return;
  log.info('Mending the interface', { missing: missing.join('; ') });
  if (isIntact(request, host, container)) {
    setHostSysctls(request, log);
    takeOnHost(upSteps(request));
    takeInContainer(netns, containerSysctls(request), containerSteps(request, 'replace'));
    limitAgain(request);
    routeOnHost(request, unroutedOnHost(request, host));
  } else {
    if (isForeign(request, host, container)) throw failure('file exists', `${request.containerName} in ${netns.path}`);
    removeHostLink(request.hostName);
    createPair(request, netns, log);
    configurePair(request, netns, log);
  }
}

/** What the kernel lacks of a pair as it was asked for, a sentence each; none when all is there. */
export function faultsInKernel(
  request: VethRequest,
  host: NamespaceState,
  container: NamespaceState,
): readonly string[] {
  const limits = request.shaping === undefined ? [] : missingShaping(request.hostName, request.shaping);
  return [...missingFromKernel(request, host, container), ...limits];
}

function limitAgain(request: VethRequest): void {
  if (request.shaping === undefined) return;
  if (!linkExists(request.shaping.device)) takeOnHost(shapingSteps(request));
  shape(request.hostName, request.shaping);
}

function routeOnHost(request: VethRequest, addresses: readonly PodAddress[]): void {
  if (addresses.length === 0) return;
  try {
    takeOnHost(hostSteps(request, addresses));
  } catch (error) {
    throw explainRouteConflict(error, request);
  }
}

function setHostSysctls(request: VethRequest, log: Log): void {
  for (const sysctl of hostSysctls(request)) {
    try {
      overwrite(`/proc/sys/${sysctl.path}`, sysctl.value);
    } catch (error) {
      softly(sysctl, request, error, log);
    }
  }
}

function softly(sysctl: Sysctl, request: VethRequest, error: unknown, log: Log): void {
  const name = sysctl.path.replaceAll('/', '.');
  const text = `failed to set ${name}=${sysctl.value}: ${error instanceof Error ? error.message : error}`;
  if (sysctl.soft !== true)
    throw failure(`error configuring sysctls for interface: ${request.hostName}, error: ${text}`);
  log.debug(text);
}

/** Removes the host end, and with it its peer and its shaping device, at once: for undoing and replacing. Missing links are success. */
export function removeHostLink(name: string): void {
  for (const link of [name, ...shaperNames(name)]) removeLink(link);
}

/** Removes a link of the namespace we are in; a missing one is success. `words` say what failed else. */
export function removeLink(name: string, words = `failed to delete old hostVeth ${name}`): void {
  if (!linkExists(name)) return;
  try {
    withNetlink((kernel) => kernel.ask(deleteLink(name)));
  } catch (error) {
    if (!isMissing(error)) throw failure(`${words}: ${toCniError(error).message}`, `ip link del dev ${name}`, error);
  }
}
