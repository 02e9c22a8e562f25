import { type Address, addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { contains, parseCidr } from '../../shared/net/cidr.ts';

/** An address of an interface that is up; `length` is the prefix length of its network. */
interface HostAddress {
  readonly interfaceName: string;
  readonly address: Address;
  readonly length: number;
}

/** A machine's addresses: those of interfaces that are up, and the interfaces of its default routes. */
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

/** Interfaces of container engines, tunnels and pods: other nodes cannot reach their addresses. */
const INNER =
  /^(?:lo|docker.*|podman.*|br-[0-9a-f]+|cbr.*|dummy.*|virbr.*|lxcbr.*|lxdbr.*|veth.*|cali.*|tunl.*|flannel.*|kube-ipvs.*|cni.*|vxlan.*calico|wireguard.*cali|wg-v6.*cali|nodelocaldns.*)$/;

const USELESS = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8'];

/** Whether other nodes could reach an address: neither loopback nor link-local nor multicast. */
const isReachable = (address: Address): boolean =>
  !USELESS.some((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && contains(cidr, address);
  });

/**
 * The address by which other nodes reach this one: the first of the default route's interface, otherwise of the first interface
 * that is not a bridge, a tunnel or a pod's. Undefined when there is none.
 */
export function detectAddress({ addresses, defaultInterface }: HostAddresses, family: Family): Chosen | undefined {
  const fit = addresses.filter(({ address }) => address.family === family && isReachable(address));
  const routed = fit.find(({ interfaceName }) => interfaceName === defaultInterface[family]);
  const chosen = routed ?? fit.find(({ interfaceName }) => !INNER.test(interfaceName));
  if (chosen === undefined) return undefined;
  const why = routed === undefined ? 'the first found' : 'the default route’s';
  const others = fit
    .filter((each) => each !== chosen && !INNER.test(each.interfaceName))
    .map(({ address }) => address.text);
  const rest = others.length === 0 ? '' : `; others: ${others.join(', ')}`;
  return { cidr: textOf(chosen), why: `of ${chosen.interfaceName}, ${why}${rest}` };
}

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
