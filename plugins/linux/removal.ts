import { inside } from '../../shared/netlink/inside.ts';
import { startDetached } from '../../shared/system/exec.ts';
import { sleep } from '../../shared/system/pause.ts';
import type { Started } from '../../shared/system/runtime.ts';
import { linkExists, removeLink } from './kernel.ts';
import type { Netns } from './netns.ts';
import { shaperNames } from './shaper.ts';

/** How long the program may take, which is done within milliseconds as a rule. */
const PROGRAM_LIMIT_MS = 1000;

const FAILED = "failed to clean up workload's pod interface inside netns";

/** Does something in the namespace that the interface is in. */
type There = <T>(work: () => T) => T;

/**
 * Removes an interface inside a container, and with it its peer, and resolves when they are out of sight. A missing link is
 * success. `host` is its other end, where that is in this namespace.
 */
export function removeInside(netns: Netns, name: string, host: string | undefined): Promise<void> {
  const there: There = (work) => inside(netns.fd, work);
  return remove(name, there, () => (host === undefined ? there(() => !linkExists(name)) : !linkExists(host)));
}

/** Removes a link of this namespace, and its peer, in the same way. */
export async function removeOnHost(name: string): Promise<void> {
  await remove(
    name,
    (work) => work(),
    () => !linkExists(name),
  );
}

/** Removes the shaping device of a pair that is gone; while a newer sandbox has the host's end, it is that one's. */
export async function removeShaper(hostName: string): Promise<void> {
  if (linkExists(hostName)) return;
  for (const shaper of shaperNames(hostName)) await removeOnHost(shaper);
}

/**
 * A program of its own removes the link: the kernel keeps whoever deletes one for 12 to 40 ms more (RCU), which need not be
 * waited for. Whatever it says, a link that is still there is removed by us, and we learn the kernel's reason.
 */
async function remove(name: string, there: There, isGone: () => boolean): Promise<void> {
  const begun = there(() => (linkExists(name) ? { program: tryToStart(['link', 'del', 'dev', name]) } : undefined));
  if (begun === undefined) return;
  const { program } = begun;
  const limit = performance.now() + PROGRAM_LIMIT_MS;
  while (program !== undefined && isRunning(program) && !isGone() && performance.now() < limit) await sleep(0.3);
  if (isGone()) return;
  // One that hangs must not wake up later, when the name may be a newer link's.
  program?.kill('SIGKILL');
  there(() => removeLink(name, FAILED));
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
