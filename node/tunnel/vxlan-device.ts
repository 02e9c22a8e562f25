import { type Failure, failure } from '../../shared/error/failure.ts';
import type { Address, Family } from '../../shared/net/address.ts';
import { deleteAddress, getAddresses, newAddress, readAddress, UNASKED } from '../../shared/netlink/address.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { deleteLinkAt, getLink, getLinkAt, type Link, readLink, setUp } from '../../shared/netlink/link.ts';
import type { Received } from '../../shared/netlink/message.ts';
import { kernelReason } from '../../shared/netlink/refusal.ts';
import { askIfThere, KernelRefused, type Netlink } from '../../shared/netlink/socket.ts';
import { newVxlan, readVxlan, type Vxlan } from '../../shared/netlink/vxlan.ts';
import type { VxlanPlan } from './plan.ts';
import type { Vtep } from './vtep.ts';

/** The interface with one of this machine's addresses; undefined if none has it. */
export function linkWith(kernel: Netlink, { family, text }: Address): Link | undefined {
  const start = `${text}/`;
  const found = kernel
    .ask(getAddresses(0, family))
    .map(readAddress)
    .find(({ cidr }) => cidr.startsWith(start));
  return found === undefined ? undefined : linkIn(kernel.ask(getLinkAt(found.index)));
}

const linkIn = (answer: readonly Received[]): Link | undefined => answer.map(readLink)[0];

/** The message about the interface of a name; undefined if there is none. */
export const linkNamed = (kernel: Netlink, name: string): Received | undefined => askIfThere(kernel, getLink(name))[0];

/** A VXLAN device, and what was done to make it so. */
export interface Device {
  readonly index: number;
  readonly lines: readonly string[];
}

/** Makes the VXLAN device, or changes it, unless it is as planned. */
export function bringDevice(kernel: Netlink, family: Family, plan: VxlanPlan, own: Vtep, parent: Link): Device {
  const { name } = plan;
  const mtu = plan.mtu ?? parent.mtu - plan.overhead;
  const lines: string[] = [];
  const found = fitting(kernel, family, plan, { own, parent }, lines);
  const { index, up, mtu: now } = readLink(found ?? made(kernel, plan, { own, parent, mtu }, lines));
  if (found !== undefined && now !== mtu) lines.push(`set the MTU of ${name} to ${mtu}`);
  if (found !== undefined && !up) lines.push(`set ${name} up`);
  if (!up || now !== mtu) kernel.ask(setUp(name, mtu));
  return { index, lines: [...lines, ...bringAddress(kernel, { name, index }, own.tunnel)] };
}

/** The two ends that a device is between. */
interface Ends {
  readonly own: Vtep;
  readonly parent: Link;
}

const wantedOf = ({ id, port }: VxlanPlan, { own, parent }: Ends): Vxlan => ({
  id,
  port,
  link: parent.index,
  local: own.host.text,
});

/** The device as it is, if it can stay; one that cannot is removed. */
function fitting(kernel: Netlink, family: Family, plan: VxlanPlan, ends: Ends, lines: string[]): Received | undefined {
  const found = linkNamed(kernel, plan.name);
  const wrong = found === undefined ? undefined : whatIsWrong(found, family, wantedOf(plan, ends), ends.own.mac);
  if (found === undefined || wrong === undefined) return found;
  kernel.ask(deleteLinkAt(readLink(found).index));
  lines.push(`removed ${plan.name}: ${wrong}`);
  return undefined;
}

function made(kernel: Netlink, plan: VxlanPlan, ends: Ends & { readonly mtu: number }, lines: string[]): Received {
  const { name, id, port } = plan;
  const { own, parent, mtu } = ends;
  make(kernel, { name, mac: own.mac, mtu }, wantedOf(plan, ends));
  lines.push(`made ${name} with VNI ${id}, port ${port}, MTU ${mtu} over ${parent.name}`);
  const link = linkNamed(kernel, name);
  if (link === undefined) throw failure(`${name} disappeared as soon as it was made`);
  return link;
}

function whatIsWrong(found: Received, family: Family, wanted: Vxlan, mac: string): string | undefined {
  const is = readVxlan(found, family);
  if (is === undefined) return 'it was no VXLAN device';
  if (is.id !== wanted.id) return `it had VNI ${is.id}, not ${wanted.id}`;
  if (is.port !== wanted.port) return `it had port ${is.port}, not ${wanted.port}`;
  if (is.link !== wanted.link || is.local !== wanted.local) return `it sent from ${is.local}, not ${wanted.local}`;
  if (is.learns) return 'it learnt addresses';
  const { mac: present } = readLink(found);
  return present === mac ? undefined : `it had MAC ${present}, not ${mac}`;
}

function make(
  kernel: Netlink,
  named: { readonly name: string; readonly mac: string; readonly mtu: number },
  wanted: Vxlan,
): void {
  try {
    kernel.ask(newVxlan(named, wanted));
  } catch (error) {
    throw error instanceof KernelRefused ? notMade(named.name, wanted, error) : error;
  }
}

function notMade(name: string, { id, port }: Vxlan, error: KernelRefused): Failure {
  const why: Readonly<Record<number, string>> = {
    [Errno.notSupported]: 'this kernel has no VXLAN: load the module vxlan (modprobe vxlan)',
    [Errno.notPermitted]: 'it needs root, or the capability CAP_NET_ADMIN',
    [Errno.exists]: `another VXLAN device has VNI ${id} and port ${port} (ip -d link show type vxlan): remove it, or set vxlanVNI in FelixConfiguration`,
  };
  return failure(`failed to make ${name}: ${kernelReason(error)}`, why[error.errno], error);
}

const LINK_LOCAL = 'fe80:';

/** Makes the tunnel address the device's only one. */
export function bringAddress(
  kernel: Netlink,
  { name, index }: { readonly name: string; readonly index: number },
  { family, text }: Address,
): readonly string[] {
  const wanted = `${text}/${family === 4 ? 32 : 128}`;
  const found = kernel
    .ask(getAddresses(index, family))
    .map(readAddress)
    .filter((each) => each.index === index && !each.cidr.startsWith(LINK_LOCAL));
  const lines: string[] = [];
  // First, because all routes over a device go with its last address.
  if (!found.some(({ cidr }) => cidr === wanted)) {
    kernel.ask(newAddress(index, family, text, true, UNASKED));
    lines.push(`gave ${name} the address ${wanted}`);
  }
  for (const each of found.filter(({ cidr }) => cidr !== wanted)) {
    kernel.ask(deleteAddress(each));
    lines.push(`removed the address ${each.cidr} from ${name}`);
  }
  return lines;
}
