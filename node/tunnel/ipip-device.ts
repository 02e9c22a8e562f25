import { failure } from '../../shared/error/failure.ts';
import type { Address } from '../../shared/net/address.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { type Link, newIpip, readLink, setUp } from '../../shared/netlink/link.ts';
import { KernelRefused, type Netlink } from '../../shared/netlink/socket.ts';
import { IPIP } from '../state/tunnel-devices.ts';
import { bringAddress, type Device, linkNamed } from './vxlan-device.ts';

const { name: NAME, overhead: OVERHEAD } = IPIP;

/** Sets up IPIP's device. Throws a Failure that names the module if this kernel has no IPIP. */
export function bringIpip(
  kernel: Netlink,
  plan: { readonly address: Address | undefined; readonly mtu: number | undefined },
  parent: Link,
): Device {
  const mtu = plan.mtu ?? parent.mtu - OVERHEAD;
  const lines: string[] = [];
  const found = linkNamed(kernel, NAME) ?? made(kernel, lines);
  const { index, up, mtu: now } = readLink(found);
  if (!up || now !== mtu) {
    kernel.ask(setUp(NAME, mtu));
    lines.push(`set ${NAME} up with MTU ${mtu}`);
  }
  if (plan.address === undefined) return { index, lines };
  return { index, lines: [...lines, ...bringAddress(kernel, { name: NAME, index }, plan.address)] };
}

function made(kernel: Netlink, lines: string[]) {
  try {
    kernel.ask(newIpip(NAME));
    lines.push(`made ${NAME}`);
  } catch (error) {
    if (!(error instanceof KernelRefused)) throw error;
    // The module makes it as it is loaded.
    if (error.errno !== Errno.exists) throw withoutIpip(error);
  }
  const found = linkNamed(kernel, NAME);
  if (found === undefined) throw failure(`${NAME} disappeared as soon as it was made`);
  return found;
}

const withoutIpip = (error: KernelRefused) =>
  failure(
    error.errno === Errno.notSupported ? 'this kernel has no IPIP' : `failed to make ${NAME}: ${error.message}`,
    'pools with ipipMode need it: load the module ipip (modprobe ipip), or change the pools to vxlanMode',
    error,
  );
