import { Failure, failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import type { Log } from '../../shared/log/log.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { inside } from '../../shared/netlink/inside.ts';
import { deleteLink, deleteLinkAt } from '../../shared/netlink/link.ts';
import type { NetlinkRequest } from '../../shared/netlink/message.ts';
import { isMissing, withNetlink } from '../../shared/netlink/socket.ts';
import { exists, overwrite, readText } from '../../shared/system/files.ts';
import { LEAST_FOR_IPV6 } from '../dataplane/pair-request.ts';
import { routeOnHost } from './host-routes.ts';
import { createNetkit } from './netkit.ts';
import type { Netns } from './netns.ts';
import { isForeign, isIntact, missingFromKernel, ownInterfaces, unroutedOnHost } from './pair-check.ts';
import { containerLink, type NamespaceState, readContainer, readHost } from './pair-state.ts';
import { routesInTheWay, routesToMend } from './route-check.ts';
import { runInContainer, runOnHost, StepRefused } from './run-steps.ts';
import { shaperNames } from './shaper.ts';
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

/** Whether a link of this name is in our namespace (/proc/sys shows the caller's, /sys the mounter's). */
export function linkExists(name: string): boolean {
  return exists(`/proc/sys/net/ipv4/conf/${name}`);
}

/**
 * Makes the pair, or nothing. The container end is created in its netns under its final name. Fails with "file exists" when
 * either name is taken.
 */
export function createPair(request: VethRequest, netns: Netns, log: Log): void {
  // An ADD that was killed leaves its shaping device behind when the pair disappears with its netns.
  if (request.shaping !== undefined && !linkExists(request.hostName)) removeLink(request.shaping.device);
  try {
    if (request.netkit === true && createNetkit(request, netns, log)) runOnHost(shapingSteps(request));
    else runOnHost(createSteps(request), netns);
  } catch (error) {
    // The first step makes the pair. If it failed, a link of this name belongs to someone else.
    if (isTaken(error)) {
      throw containerLink(netns, request.containerName) === undefined ? error : taken(request, netns, error);
    }
    removeHostLink(request.hostName);
    throw error;
  }
}

/** Whether making the pair failed because the name of one end is taken. */
export function isTaken(error: unknown): boolean {
  const refused = error instanceof Failure && error.cause instanceof StepRefused ? error.cause : error;
  return refused instanceof StepRefused && PAIRS.includes(refused.step.make) && refused.errno === Errno.exists;
}

const PAIRS: readonly string[] = ['veth', 'netkit'];

const taken = ({ containerName }: VethRequest, { path }: Netns, cause?: unknown): Failure =>
  failure(
    'file exists',
    `${containerName} already exists in ${path} and was not made by this plugin: find out what made it, or use another CNI_IFNAME`,
    cause,
  );

/** Configures what needs the addresses: the container end, then the host end. A host route held by another interface is an error that names it. */
export function configurePair(request: VethRequest, netns: Netns, log: Log): void {
  setHostSysctls(request, log);
  runInContainer(netns, containerSysctls(request), containerSteps(request, 'add'));
  if (request.shaping !== undefined) shape(request.hostName, request.shaping);
  routeOnHost(request, request.hostRoutes ? request.addresses : [], log);
}

/** Makes the kernel match `request` when something may already exist: repairs an intact pair, otherwise makes it again. */
export function repairPair(request: VethRequest, netns: Netns, log: Log): void {
  const host = readHost(request.hostName);
  const container = readContainer(netns);
  const missing = faultsInKernel(request, host, container);
  if (missing.length === 0) return;
  log.info('Repairing the interface', { missing: missing.join('; ') });
  const wanted = { ...request, routes: routesToMend(request, container) };
  if (isIntact(request, host, container)) {
    setHostSysctls(request, log);
    runOnHost(upSteps(request));
    const obstacles = routesInTheWay(request, container).map(unrouteStep);
    runInContainer(netns, containerSysctls(request), [...obstacles, ...containerSteps(wanted, 'replace')]);
    limitAgain(request);
    routeOnHost(request, unroutedOnHost(request, host), log);
  } else {
    if (isForeign(request, host, container)) throw taken(request, netns);
    removeHostLink(request.hostName);
    // The container end still exists when the host end has another name.
    for (const name of ownInterfaces(request, container)) inside(netns.fd, () => removeLink(name));
    const wanted = { ...request, routes: routesToMend(request, readContainer(netns)) };
    createPair(wanted, netns, log);
    configurePair(wanted, netns, log);
  }
}

/** Differences between the kernel and the requested pair, one sentence each. */
export function faultsInKernel(
  request: VethRequest,
  host: NamespaceState,
  container: NamespaceState,
): readonly string[] {
  const limits = request.shaping === undefined ? [] : missingShaping(request.hostName, request.shaping);
  const settings = host.links.length === 0 ? [] : hostSysctls(request).flatMap((sysctl) => strayed(request, sysctl));
  return [...settings, ...missingFromKernel(request, host, container), ...limits];
}

/** A sysctl of the host end that does not have its required value. */
function strayed({ hostName }: VethRequest, { path, value, soft, atBirth }: Sysctl): readonly string[] {
  const file = `/proc/sys/${path}`;
  if (soft === true || atBirth === true || !exists(file)) return [];
  const now = readText(file).trim();
  return now === value ? [] : [`host interface ${hostName} has ${path.replaceAll('/', '.')}=${now}, not ${value}`];
}

function limitAgain(request: VethRequest): void {
  if (request.shaping === undefined) return;
  if (!linkExists(request.shaping.device)) runOnHost(shapingSteps(request));
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
    throw failure(
      `error configuring sysctls for interface: ${request.hostName}, error: ${text}`,
      remedyOf(sysctl, request),
    );
  log.debug(text);
}

/** The kernel offers no settings of IPv6 for an interface that can have none. */
function remedyOf({ path }: Sysctl, { mtu }: VethRequest): string | undefined {
  if (!path.startsWith('net/ipv6/')) return undefined;
  if (mtu > 0 && mtu < LEAST_FOR_IPV6)
    return `IPv6 needs an MTU of ${LEAST_FOR_IPV6} at least, and this interface has ${mtu}: set mtu in the network configuration`;
  return exists('/proc/sys/net/ipv6') ? undefined : 'this machine has no IPv6: enable it in the kernel, or assign none';
}

/** Removes the host end, and with it its peer and its shaping device, at once: for undo and replacement. Missing links are success. */
export function removeHostLink(name: string): void {
  for (const link of [name, ...shaperNames(name)]) removeLink(link);
}

/** Removes a link in the current namespace; a missing one is success. `words` begin the error message. */
export function removeLink(name: string, words = `failed to delete old hostVeth ${name}`): void {
  if (linkExists(name)) remove(deleteLink(name), name, words);
}

/** Removes the link with this index, not another one that now has its name. */
export function removeLinkAt(index: number, name: string): void {
  remove(deleteLinkAt(index), name, `failed to delete old hostVeth ${name}`);
}

function remove(request: NetlinkRequest, name: string, words: string): void {
  try {
    withNetlink((kernel) => kernel.ask(request));
  } catch (error) {
    if (!isMissing(error)) throw failure(`${words}: ${toFailure(error).message}`, `ip link del dev ${name}`, error);
  }
}
