import { asObject } from '../calico/stored.ts';
import { parseAddress } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';

type Texts = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

/** An annotation of a node, and where in Calico's Node its value lies. */
interface Place {
  readonly annotation: string;
  readonly path: readonly string[];
  /** What it must be to count; any text when left out. */
  readonly read?: (text: string) => unknown;
  readonly print?: (value: unknown) => string;
}

const address = (text: string) => (parseAddress(text) === undefined ? undefined : text);
const networkAddress = (text: string) =>
  parseCidr(text) === undefined && parseAddress(text) === undefined ? undefined : text;

/** What Calico keeps of a node in annotations (`projectcalico.org/` before each), in the order of the Node's fields. */
const PLACES: readonly Place[] = [
  { annotation: 'ASNumber', path: ['spec', 'bgp', 'asNumber'], read: readAsNumber, print: String },
  { annotation: 'IPv4Address', path: ['spec', 'bgp', 'ipv4Address'], read: networkAddress },
  { annotation: 'IPv6Address', path: ['spec', 'bgp', 'ipv6Address'], read: networkAddress },
  { annotation: 'IPv4IPIPTunnelAddr', path: ['spec', 'bgp', 'ipv4IPIPTunnelAddr'], read: address },
  { annotation: 'RouteReflectorClusterID', path: ['spec', 'bgp', 'routeReflectorClusterID'] },
  { annotation: 'IPv4VXLANTunnelAddr', path: ['spec', 'ipv4VXLANTunnelAddr'], read: address },
  { annotation: 'VXLANTunnelMACAddr', path: ['spec', 'vxlanTunnelMACAddr'] },
  { annotation: 'IPv6VXLANTunnelAddr', path: ['spec', 'ipv6VXLANTunnelAddr'], read: address },
  { annotation: 'VXLANTunnelMACAddrV6', path: ['spec', 'vxlanTunnelMACAddrV6'] },
  { annotation: 'IPv4WireguardInterfaceAddr', path: ['spec', 'wireguard', 'interfaceIPv4Address'], read: address },
  { annotation: 'IPv6WireguardInterfaceAddr', path: ['spec', 'wireguard', 'interfaceIPv6Address'], read: address },
  { annotation: 'Interfaces', path: ['spec', 'interfaces'], read: readJsonList, print: JSON.stringify },
  { annotation: 'WireguardPublicKey', path: ['status', 'wireguardPublicKey'] },
  { annotation: 'WireguardPublicKeyV6', path: ['status', 'wireguardPublicKeyV6'] },
];

const PREFIX = 'projectcalico.org/';

/** Fields of Calico's Node by its two parts. */
export interface NodeParts {
  readonly spec: Fields;
  readonly status: Fields;
}

/** What a node's annotations say; values that cannot be meant are passed over (as Calico). */
export function partsFrom(annotations: Texts): NodeParts {
  const parts = { spec: {}, status: {} };
  for (const { annotation, path, read = (text: string) => text } of PLACES) {
    const text = annotations[PREFIX + annotation] ?? '';
    const value = text === '' ? undefined : read(text);
    if (value !== undefined) put(parts, path, value);
  }
  return parts;
}

/** The annotations with what Calico's Node says of these fields; those that it leaves out go. */
export function annotationsWith(annotations: Texts, node: Fields): Texts {
  const said = PLACES.flatMap(({ annotation, path, print }) => {
    const value = path.reduce<unknown>((from, field) => asObject(from)?.[field], node);
    return value === undefined || value === null || value === ''
      ? []
      : [[PREFIX + annotation, print?.(value) ?? String(value)] as const];
  });
  const ours = new Set(PLACES.map(({ annotation }) => PREFIX + annotation));
  const others = Object.entries(annotations).filter(([name]) => !ours.has(name));
  return Object.fromEntries([...others, ...said]);
}

function put(parts: object, path: readonly string[], value: unknown): void {
  const [field = '', ...further] = path;
  const fields = parts as Record<string, unknown>;
  if (further.length === 0) {
    fields[field] = value;
    return;
  }
  const below = asObject(fields[field]) ?? {};
  fields[field] = below;
  put(below, further, value);
}

/** 0 to 4294967295, as one number or as two halves: `64512`, `1.10`. */
function readAsNumber(text: string): number | undefined {
  const [, high, low] = /^(?:(\d{1,5})\.)?(\d{1,10})$/.exec(text) ?? [];
  const half = 2 ** 16;
  const [number, most] = high === undefined ? [Number(low), half ** 2] : [Number(low), half];
  if (low === undefined || number >= most || Number(high ?? 0) >= half) return undefined;
  return Number(high ?? 0) * half + number;
}

function readJsonList(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
