import { type Address, addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { contains, parseCidr } from '../../shared/net/cidr.ts';
import type { DetectionMethod } from './detection-method.ts';

/** An address of an interface that is up; `length` is the prefix length of its network. */
interface HostAddress {
  readonly interfaceName: string;
  readonly address: Address;
  readonly length: number;
}

/** A machine's addresses: those of interfaces that are up, in the kernel's order, and the interfaces of its default routes. */
export interface HostAddresses {
  readonly addresses: readonly HostAddress[];
  /** Interface of the default route with the lowest metric; '' without one. */
  readonly defaultInterface: Readonly<Record<Family, string>>;
}

/** An address for a Node, as its resource has it (`10.0.0.1/24`), and why it was chosen. */
export interface Chosen {
  readonly cidr: string;
  readonly why: string;
}

/** A method that needs nothing but the machine's own addresses. */
export type LocalMethod = Exclude<DetectionMethod, { readonly by: 'can-reach' | 'kubernetes-internal-ip' }>;

/** Interfaces that calico/node skips. */
const SKIPPED =
  /^(?:docker|cbr|dummy|podman|virbr|lxcbr|veth|lo|cali|tunl|flannel|kube-ipvs|cni|vxlan\.calico|vxlan-v6\.calico|wireguard\.cali|wg-v6\.cali|nodelocaldns)/;
/** Others of container engines, tunnels and pods: other nodes cannot reach their addresses. */
const INNER = /^(?:br-[0-9a-f]+$|lxdbr)/;

const USELESS = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8'];

/** Whether other nodes could reach an address: neither loopback nor link-local nor multicast. */
const isReachable = (address: Address): boolean =>
  !USELESS.some((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && contains(cidr, address);
  });

const isOuter = ({ interfaceName }: HostAddress): boolean => !SKIPPED.test(interfaceName) && !INNER.test(interfaceName);

/** The address by which other nodes reach this one. Undefined when there is none. */
export function detectAddress(host: HostAddresses, family: Family, method: LocalMethod): Chosen | undefined {
  const fit = host.addresses.filter(({ address }) => address.family === family && isReachable(address));
  return method.by === 'default-route' ? routedAddress(fit, host.defaultInterface[family]) : methodAddress(fit, method);
}

/** The first of the default route's interface, otherwise of the first interface that is not a bridge, a tunnel or a pod's. */
function routedAddress(fit: readonly HostAddress[], defaultInterface: string): Chosen | undefined {
  const routed = fit.find(({ interfaceName }) => interfaceName === defaultInterface);
  const chosen = routed ?? fit.find(isOuter);
  if (chosen === undefined) return undefined;
  const why = routed === undefined ? 'the first found' : 'the default route’s';
  const others = fit.filter((each) => each !== chosen && isOuter(each)).map(({ address }) => address.text);
  const rest = others.length === 0 ? '' : `; others: ${others.join(', ')}`;
  return { cidr: textOf(chosen), why: `of ${chosen.interfaceName}, ${why}${rest}` };
}

function methodAddress(
  fit: readonly HostAddress[],
  method: Exclude<LocalMethod, { readonly by: 'default-route' }>,
): Chosen | undefined {
  const chosen = lastInterfaceFirst(fit).find((each) => isChosen(each, method));
  return chosen && { cidr: textOf(chosen), why: `of ${chosen.interfaceName}, ${WHY[method.by]}` };
}

const WHY = {
  'first-found': 'the first found',
  interface: 'whose name matches',
  cidr: 'in the given network',
} as const;

function isChosen(each: HostAddress, method: Exclude<LocalMethod, { readonly by: 'default-route' }>): boolean {
  if (method.by === 'cidr') return method.cidrs.some((cidr) => contains(cidr, each.address));
  if (method.by === 'interface') return method.names.test(each.interfaceName);
  return !SKIPPED.test(each.interfaceName) && method.skip?.test(each.interfaceName) !== true;
}

/** calico/node looks at a machine's newest interface first, and at each one's addresses in order. */
const lastInterfaceFirst = (addresses: readonly HostAddress[]): readonly HostAddress[] =>
  [...new Set(addresses.map(({ interfaceName }) => interfaceName))]
    .reverse()
    .flatMap((name) => addresses.filter(({ interfaceName }) => interfaceName === name));

const textOf = ({ address, length }: Pick<HostAddress, 'address' | 'length'>): string => `${address.text}/${length}`;

/** A given address, with or without a prefix length. Undefined when other nodes cannot reach it, or it is of another family. */
export function givenAddress({ addresses }: HostAddresses, family: Family, text: string): Chosen | undefined {
  const [plain = '', length] = text.split('/');
  const address = parseAddress(plain);
  if (address?.family !== family || !isReachable(address)) return undefined;
  if (length !== undefined && parseCidr(text) === undefined) return undefined;
  const known = addresses.find((each) => each.address.text === address.text);
  const why =
    known === undefined ? 'as given; no interface of this machine has it' : `of ${known.interfaceName}, as given`;
  return { cidr: textOf({ address, length: Number(length ?? known?.length ?? addressBits(family)) }), why };
}

/** An address that this machine uses for something, with its network if an interface has it. Undefined when other nodes cannot reach it. */
export function usedAddress({ addresses }: HostAddresses, address: Address, what: string): Chosen | undefined {
  if (!isReachable(address)) return undefined;
  const known = addresses.find((each) => each.address.text === address.text);
  const why =
    known === undefined ? `${what}; no interface of this machine has it` : `of ${known.interfaceName}, ${what}`;
  return { cidr: textOf({ address, length: known?.length ?? addressBits(address.family) }), why };
}
