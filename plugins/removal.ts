import { failure } from '../shared/cni/error.ts';
import { startDetached } from '../shared/exec.ts';
import { inside } from '../shared/netlink/inside.ts';
import { sleep } from '../shared/pause.ts';
import type { Started } from '../shared/runtime.ts';
import { linkExists, removeLink } from './kernel.ts';
import type { Netns } from './netns.ts';
import { shaperNames } from './shaper.ts';

/** How long a removal may take before DEL gives up (Calico's limit for deleting a device in a netns). */
const REMOVAL_LIMIT_MS = 20_000;

const FAILED = "failed to clean up workload's pod interface inside netns";

/** Does something in the namespace that the interface is in. */
type There = <T>(work: () => T) => T;

/** Removes an interface inside a container, and with it its peer, and resolves when they are out of sight. A missing link is success. */
export function removeInside(netns: Netns, name: string, hostName: string): Promise<void> {
  const there: There = (work) => inside(netns.fd, work);
  return remove(name, there, linkExists(hostName) ? hostName : undefined);
}

/** Removes a link of this namespace, and its peer, in the same way. */
export async function removeOnHost(name: string): Promise<void> {
  await remove(name, (work) => work(), name);
}

/** Removes the shaping device of a pair that is gone; while a newer sandbox has the host's end, it is that one's. */
export async function removeShaper(hostName: string): Promise<void> {
  if (linkExists(hostName)) return;
  for (const shaper of shaperNames(hostName)) await removeOnHost(shaper);
}

/**
 * A program of its own removes the link: the kernel keeps whoever deletes one for 12 to 40 ms more (RCU), for which nobody
 * needs to wait. Where it cannot, we do, and learn the kernel's reason. `watched` is a link of this namespace that goes with it.
 */
async function remove(name: string, there: There, watched: string | undefined): Promise<void> {
  if (!there(() => linkExists(name))) return;
  const removal = there(() => tryToStart(['link', 'del', 'dev', name]));
  const limit = performance.now() + REMOVAL_LIMIT_MS;
  const isGone = () => watched !== undefined && !linkExists(watched);
  while (removal !== undefined && isRunning(removal) && !isGone()) {
    if (performance.now() > limit) throw failure('timed out deleting device in netns', `ip link del dev ${name}`);
    await sleep(0.3);
  }
  if (removal === undefined || (!isRunning(removal) && removal.exitCode !== 0)) there(() => removeLink(name, FAILED));
}

const isRunning = ({ exitCode, signalCode }: Started): boolean => exitCode === null && signalCode === null;

/** Without iproute2 on this host we have the waiting to ourselves. */
function tryToStart(args: readonly string[]): Started | undefined {
  try {
    return startDetached('ip', args);
  } catch {
    return undefined;
  }
}
