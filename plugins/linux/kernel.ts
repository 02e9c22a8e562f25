import { Failure, failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/to-failure.ts';
import type { Log } from '../../shared/log/log.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { inside } from '../../shared/netlink/inside.ts';
import { deleteLink, deleteLinkAt } from '../../shared/netlink/link.ts';
import type { Request } from '../../shared/netlink/message.ts';
import { isMissing, withNetlink } from '../../shared/netlink/socket.ts';
import { exists, overwrite, readText } from '../../shared/system/files.ts';
import { routeOnHost } from './host-routes.ts';
import { createNetkit } from './netkit.ts';
import type { Netns } from './netns.ts';
import { isForeign, isIntact, missingFromKernel, ownInterfaces, unroutedOnHost } from './pair-check.ts';
import { containerLink, type NamespaceState, readContainer, readHost } from './pair-state.ts';
import { routesInTheWay, routesToMend } from './route-check.ts';
import { shaperNames } from './shaper.ts';
import { StepRefused, takeInContainer, takeOnHost } from './steps.ts';
import { missingShaping, shape } from './traffic.ts';
import {
  containerSteps,
  containerSysctls,
  createSteps,
  hostSysctls,
  type Sysctl,
  shapingSteps,
  unrouteStep,
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
    if (isTaken(error)) {
      throw containerLink(netns, request.containerName) === undefined ? error : taken(request, netns, error);
    }
    removeHostLink(request.hostName);
    throw error;
  }
}

/** Whether a pair could not be made because the name of one end is taken. */
export function isTaken(error: unknown): boolean {
  const refused = error instanceof Failure && error.cause instanceof StepRefused ? error.cause : error;
  return refused instanceof StepRefused && PAIRS.includes(refused.step.make) && refused.errno === Errno.exists;
}

const PAIRS: readonly string[] = ['veth', 'netkit'];

const taken = ({ containerName }: VethRequest, { path }: Netns, cause?: unknown): Failure =>
  failure(
    'file exists',
    `${containerName} already exists in ${path} and is not ours: ask who made it, or set another CNI_IFNAME`,
    cause,
  );

/** What needs the addresses: the container's end, then the host's. A host route that another interface holds is an error naming it. */
export function configurePair(request: VethRequest, netns: Netns, log: Log): void {
  setHostSysctls(request, log);
  takeInContainer(netns, containerSysctls(request), containerSteps(request, 'add'));
  if (request.shaping !== undefined) shape(request.hostName, request.shaping);
  routeOnHost(request, request.hostRoutes ? request.addresses : [], log);
}

/** Makes the kernel hold what `request` says where something may already stand: mends an intact pair, else makes it anew. */
export function repairPair(request: VethRequest, netns: Netns, log: Log): void {
  const host = readHost(request.hostName);
  const container = readContainer(netns);
  const missing = faultsInKernel(request, host, container);
  if (missing.length === 0) return;
  log.info('Mending the interface', { missing: missing.join('; ') });
  const wanted = { ...request, routes: routesToMend(request, container) };
  if (isIntact(request, host, container)) {
    setHostSysctls(request, log);
    takeOnHost(upSteps(request));
    const obstacles = routesInTheWay(request, container).map(unrouteStep);
    takeInContainer(netns, containerSysctls(request), [...obstacles, ...containerSteps(wanted, 'replace')]);
    limitAgain(request);
    routeOnHost(request, unroutedOnHost(request, host), log);
  } else {
    if (isForeign(request, host, container)) throw taken(request, netns);
    removeHostLink(request.hostName);
    // The container's end is there still when the host's goes by another name.
    for (const name of ownInterfaces(request, container)) inside(netns.fd, () => removeLink(name));
    const wanted = { ...request, routes: routesToMend(request, readContainer(netns)) };
    createPair(wanted, netns, log);
    configurePair(wanted, netns, log);
  }
}

/** What the kernel lacks of a pair as it was asked for, a sentence each; none when all is there. */
export function faultsInKernel(
  request: VethRequest,
  host: NamespaceState,
  container: NamespaceState,
): readonly string[] {
  const limits = request.shaping === undefined ? [] : missingShaping(request.hostName, request.shaping);
  const settings = host.links.length === 0 ? [] : hostSysctls(request).flatMap((sysctl) => strayed(request, sysctl));
  return [...settings, ...missingFromKernel(request, host, container), ...limits];
}

/** A setting of the host's end that is not as it should be. */
function strayed({ hostName }: VethRequest, { path, value, soft, atBirth }: Sysctl): readonly string[] {
  const file = `/proc/sys/${path}`;
  if (soft === true || atBirth === true || !exists(file)) return [];
  const now = readText(file).trim();
  return now === value ? [] : [`host interface ${hostName} has ${path.replaceAll('/', '.')}=${now}, not ${value}`];
}

function limitAgain(request: VethRequest): void {
  if (request.shaping === undefined) return;
  if (!linkExists(request.shaping.device)) takeOnHost(shapingSteps(request));
  shape(request.hostName, request.shaping);
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
  if (linkExists(name)) remove(deleteLink(name), name, words);
}

/** Removes the link of this index, and no other that may have its name by now. */
export function removeLinkAt(index: number, name: string): void {
  remove(deleteLinkAt(index), name, `failed to delete old hostVeth ${name}`);
}

function remove(request: Request, name: string, words: string): void {
  try {
    withNetlink((kernel) => kernel.ask(request));
  } catch (error) {
    if (!isMissing(error)) throw failure(`${words}: ${toFailure(error).message}`, `ip link del dev ${name}`, error);
  }
}
