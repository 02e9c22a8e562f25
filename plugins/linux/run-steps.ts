import { Failure, failure } from '../../shared/error/failure.ts';
import { newAddress } from '../../shared/netlink/address.ts';
import { inside } from '../../shared/netlink/inside.ts';
import { getLink, newIfb, newNetkit, newVeth, readLink, setMac, setUp } from '../../shared/netlink/link.ts';
import type { NetlinkRequest } from '../../shared/netlink/message.ts';
import { deleteRoute, newRoute } from '../../shared/netlink/route.ts';
import { KernelRefused, type Netlink, withNetlink } from '../../shared/netlink/socket.ts';
import { errnoText } from '../../shared/system/errno.ts';
import { overwrite } from '../../shared/system/files.ts';
import type { Netns } from './netns.ts';
import { commandOf } from './step-command.ts';
import type { Step, Sysctl } from './veth-plan.ts';

/** A step that the kernel refused: Calico's words for the step, then the kernel's. */
export class StepRefused extends Failure {
  readonly step: Step;
  readonly errno: number;

  /** The details hold the kernel's own sentence and the command for the step. */
  constructor(step: Step, refusal: KernelRefused) {
    const msg = step.failure === '' ? refusal.message : `${step.failure}: ${refusal.message}`;
    const where = [refusal.hint, commandOf(step)].filter((part) => part !== '').join(': ');
    super('refused', msg, { where, cause: refusal });
    this.step = step;
    this.errno = refusal.errno;
  }
}

/** Runs steps in the current namespace, in order, up to the first failure. A pair's container end is created in `netns`. */
export function runOnHost(steps: readonly Step[], netns?: Netns): void {
  withNetlink((kernel) => runSteps(kernel, steps, netns?.fd ?? -1));
}

/** Sets sysctls and runs steps in the container's namespace, in order, up to the first failure. */
export function runInContainer(netns: Netns, sysctls: readonly Sysctl[], steps: readonly Step[]): void {
  inside(netns.fd, () => {
    for (const { path, value } of sysctls) setInContainer(netns, path, value);
    runOnHost(steps);
  });
}

function setInContainer(netns: Netns, path: string, value: string): void {
  try {
    overwrite(`/proc/sys/${path}`, value);
  } catch (error) {
    throw failure(
      `failed to set sysctls in the container: ${path.replaceAll('/', '.')}=${value}: ${errnoText(error)}`,
      netns.path,
      error,
    );
  }
}

function runSteps(kernel: Netlink, steps: readonly Step[], netns: number): void {
  const known = new Map<string, number>();
  const indexOf = (name: string): number => {
    const index = known.get(name) ?? indexIn(kernel, name);
    known.set(name, index);
    return index;
  };
  for (const step of steps) {
    try {
      kernel.ask(requestFor(step, indexOf, netns));
    } catch (error) {
      throw error instanceof KernelRefused ? new StepRefused(step, error) : error;
    }
  }
}

function indexIn(kernel: Netlink, name: string): number {
  const [link] = kernel.ask(getLink(name));
  if (link === undefined) throw failure(`the kernel sent no information on ${name}`);
  return readLink(link).index;
}

function requestFor(step: Step, indexOf: (name: string) => number, netns: number): NetlinkRequest {
  switch (step.make) {
    case 'veth':
      return newVeth(step.here, step.there, netns);
    case 'netkit':
      return newNetkit(step.here, step.there, netns);
    case 'mac':
      return setMac(step.name, step.mac);
    case 'ifb':
      return newIfb(step.name, step.mtu);
    case 'up':
      return setUp(step.name, step.mtu);
    case 'address':
      return newAddress(indexOf(step.on), step.address.family, step.address.address, step.verb === 'replace');
    case 'route':
      return newRoute({ ...step.route, index: indexOf(step.over) }, step.verb === 'replace');
    case 'unroute':
      return deleteRoute({ ...step.route, index: step.route.over === undefined ? 0 : indexOf(step.route.over) });
  }
}
