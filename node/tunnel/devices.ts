import { toFailure } from '../../shared/error/failure-context.ts';
import { deleteLink, type Link, readLink } from '../../shared/netlink/link.ts';
import type { Netlink } from '../../shared/netlink/socket.ts';
import { readVxlan } from '../../shared/netlink/vxlan.ts';
import { VXLAN } from '../state/tunnel-devices.ts';
import type { Indices } from './entries.ts';
import { bringIpip } from './ipip-device.ts';
import type { TunnelPlan } from './plan.ts';
import { bringDevice, type Device, linkNamed, linkWith } from './vxlan-device.ts';

/** The interfaces that tunnels need, what was done to have them, and why one is not there. */
export interface Devices {
  readonly indices: Indices;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

type Attempt = Device & { readonly problem?: string };

/** Makes the tunnels' devices as planned; a device that no pool needs any more is removed. */
export function bringDevices(kernel: Netlink, plan: TunnelPlan): Devices {
  const needsParent = plan.vxlan !== undefined || plan.ipip !== undefined;
  const parent = plan.host === undefined || !needsParent ? undefined : linkWith(kernel, plan.host);
  const [vxlan, ipip] = [vxlanOf(kernel, plan, parent), ipipOf(kernel, plan, parent)];
  return {
    indices: { vxlan: vxlan.index, ipip: ipip.index, parent: parent?.index ?? 0 },
    lines: [...vxlan.lines, ...ipip.lines],
    problems: [vxlan.problem, ipip.problem].filter((problem) => problem !== undefined),
  };
}

const NONE: Attempt = { index: 0, lines: [] };

function vxlanOf(kernel: Netlink, { family, vxlan, host }: TunnelPlan, parent: Link | undefined): Attempt {
  if (vxlan === undefined) return { index: 0, lines: removeVxlan(kernel, VXLAN[family].name) };
  const { name, own } = vxlan;
  // What is there may still be right: the state is not complete yet.
  if (own === undefined)
    return { ...kept(kernel, name), problem: `no ${name} yet: this node has no IPv${family} tunnel address` };
  if (parent === undefined) return { ...kept(kernel, name), problem: noParent(host?.text ?? '') };
  return bringDevice(kernel, family, vxlan, own, parent);
}

function kept(kernel: Netlink, name: string): Attempt {
  const found = linkNamed(kernel, name);
  return found === undefined ? NONE : { index: readLink(found).index, lines: [] };
}

const noParent = (address: string): string =>
  `no interface of this machine has its Node's address ${address}: tunnels cannot be made`;

/** A failure with IPIP does not keep VXLAN from working. */
function ipipOf(kernel: Netlink, { ipip, host }: TunnelPlan, parent: Link | undefined): Attempt {
  if (ipip === undefined) return NONE;
  if (parent === undefined) return { ...NONE, problem: noParent(host?.text ?? '') };
  try {
    return bringIpip(kernel, ipip, parent);
  } catch (error) {
    const { message, details } = toFailure(error, 'setting up IPIP');
    return { ...NONE, problem: details === undefined ? message : `${message}: ${details}` };
  }
}

/** Removes a VXLAN device, with its routes and entries. A link of the name that is none is somebody else's. */
function removeVxlan(kernel: Netlink, name: string): readonly string[] {
  const found = linkNamed(kernel, name);
  if (found === undefined || readVxlan(found, 4) === undefined) return [];
  kernel.ask(deleteLink(name));
  return [`removed ${name}`];
}
