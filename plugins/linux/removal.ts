import { inside } from '../../shared/netlink/inside.ts';
import { deleteLink } from '../../shared/netlink/link.ts';
import { sendApart } from '../../shared/netlink/socket.ts';
import type { Started } from '../../shared/platform/programs.ts';
import { elapsed } from '../../shared/system/clock.ts';
import { sleep } from '../../shared/system/pause.ts';
import { linkExists, removeLink } from './kernel.ts';
import type { Netns } from './netns.ts';
import { shaperNames } from './shaper.ts';

/** How long the process may take; usually it needs a few milliseconds. */
const LIMIT_MS = 1000;

/** The pause between two looks, or an eighth of the time waited so far: on a host that removes many, looking would slow them all down. */
const SHORTEST_WAIT_MS = 0.3;

const SIGKILL = 9;

const FAILED = "failed to clean up workload's pod interface inside netns";

/** Runs something in the namespace that the interface is in. */
type There = <T>(work: () => T) => T;

/**
 * Removes an interface inside a container, and with it its peer, and resolves when both are gone. A missing link is
 * success. `host` is its other end, where that is in our namespace.
 */
export function removeInside(netns: Netns, name: string, host: string | undefined): Promise<void> {
  const there: There = (work) => inside(netns.fd, work);
  return remove(name, there, () => (host === undefined ? there(() => !linkExists(name)) : !linkExists(host)));
}

/** Removes a link of our namespace, and its peer, in the same way. */
export async function removeOnHost(name: string): Promise<void> {
  await remove(
    name,
    (work) => work(),
    () => !linkExists(name),
  );
}

/** Removes the shaping device of a pair that is gone. When a newer sandbox has the host end, the device belongs to that. */
export async function removeShaper(hostName: string): Promise<void> {
  if (linkExists(hostName)) return;
  for (const shaper of shaperNames(hostName)) await removeOnHost(shaper);
}

/**
 * A separate process removes the link, because the kernel blocks whoever asks for another 12 to 40 ms (RCU) and we need not
 * wait for that. If the link is still there afterwards, we remove it ourselves and learn the kernel's reason.
 */
async function remove(name: string, there: There, isGone: () => boolean): Promise<void> {
  const begun = there(() => (linkExists(name) ? { remover: removeApart(name) } : undefined));
  if (begun === undefined) return;
  const { remover } = begun;
  const began = elapsed();
  while (remover !== undefined && remover.status() === undefined && !isGone()) {
    const waited = elapsed() - began;
    if (waited >= LIMIT_MS) break;
    await sleep(Math.max(SHORTEST_WAIT_MS, waited / 8));
  }
  if (isGone()) return;
  // A process that hangs must not continue later, when the name may belong to a newer link.
  remover?.kill(SIGKILL);
  there(() => removeLink(name, FAILED));
}

/** Where no process can be started, under a limit or a seccomp profile, we have to wait ourselves. */
function removeApart(name: string): Started | undefined {
  try {
    return sendApart(deleteLink(name));
  } catch {
    return undefined;
  }
}
