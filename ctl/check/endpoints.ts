import { asObject, parseObject } from '../../shared/calico/stored.ts';
import type { Entry, Version } from '../../shared/datastore/query.ts';
import { type Ref, textOf } from '../../shared/datastore/ref.ts';
import { type Family, parseAddress } from '../../shared/net/address.ts';
import { containerIn, packed, unpacked } from './packed-endpoint.ts';

/** What a check needs to know of a WorkloadEndpoint. */
export interface Endpoint {
  readonly ref: Ref;
  readonly version: Version;
  readonly node: string;
  readonly containerID: string;
  readonly interfaceName: string;
  readonly addresses: readonly AddressNumber[];
  /** Addresses that only the kubelet reports, perhaps those of an earlier sandbox. Undefined for none. */
  readonly reported?: readonly AddressNumber[];
}

/** An address in a map: a number for IPv4, a bigint for IPv6. */
export type AddressNumber = number | bigint;

/** Who uses which address. */
export interface Users {
  add(endpoint: Endpoint): void;
  has(address: AddressNumber): boolean;
  of(address: AddressNumber): readonly Endpoint[];
  /** Whether an endpoint of this container has the address. */
  isUsedBy(address: AddressNumber, containerID: string): boolean;
  ofContainer(containerID: string): Endpoint | undefined;
  addresses(): Iterable<AddressNumber>;
  /** Whether an address has several users. */
  isShared(address: AddressNumber): boolean;
  /** The endpoint for which only the kubelet reports the address. */
  reportedFor(address: AddressNumber): Endpoint | undefined;
  /** Those with addresses that only the kubelet reports. */
  late(): readonly Endpoint[];
}

export const numberOf = (family: Family, value: bigint): AddressNumber => (family === 4 ? Number(value) : value);

/** `namespace/name`, or where it is stored if its name is not an endpoint's. */
export const nameOf = ({ ref }: Pick<Endpoint, 'ref'>): string =>
  'namespace' in ref ? `${ref.namespace}/${ref.name}` : textOf(ref);

const NOT_CHECKED = { metadata: true, spec: { ports: true, profiles: true } } as const;

/** Reads the endpoint of an entry. Throws when the value is not one. */
export function decodeEndpoint({ ref, at, value, version }: Entry): Endpoint {
  const spec = asObject(parseObject(at, value, NOT_CHECKED)['spec'] ?? {});
  if (spec === undefined) throw new Error(`${at} is not an endpoint`);
  const text = (name: string) => (typeof spec[name] === 'string' ? String(spec[name]) : '');
  const list = (name: string): readonly unknown[] => (Array.isArray(spec[name]) ? spec[name] : []);
  const reported = addressNumbers(list('reportedNetworks'));
  return {
    ref,
    version,
    node: text('node'),
    containerID: text('containerID'),
    interfaceName: text('interfaceName'),
    addresses: addressNumbers(list('ipNetworks')),
    ...(reported.length > 0 && { reported }),
  };
}

/** The addresses in texts with or without a prefix length. Other texts are left out. */
export const addressNumbers = (texts: readonly unknown[]): readonly AddressNumber[] =>
  texts.flatMap((text) => {
    const address = parseAddress(withoutLength(String(text)));
    return address === undefined ? [] : numberOf(address.family, address.value);
  });

function withoutLength(text: string): string {
  if (text.endsWith('/32')) return text.slice(0, -3);
  const slash = text.lastIndexOf('/');
  return slash !== -1 && /^\d+$/.test(text.slice(slash + 1)) ? text.slice(0, slash) : text;
}

/** Nobody yet. */
export function openUsers(): Users {
  // A large cluster has a hundred thousand: each is packed, and nearly every address has one.
  const endpoints: (string | Endpoint)[] = [];
  const byAddress = new Map<AddressNumber, number | readonly number[]>();
  const late: Endpoint[] = [];
  const byReported = new Map<AddressNumber, Endpoint>();
  let byContainer: ReadonlyMap<string, number> | undefined;
  const at = (place: number) => unpacked(endpoints[place] ?? '');
  const places = (address: AddressNumber): readonly number[] => {
    const found = byAddress.get(address);
    return found === undefined ? [] : typeof found === 'number' ? [found] : found;
  };
  return {
    add(endpoint) {
      byContainer = undefined;
      const place = endpoints.push(packed(endpoint)) - 1;
      for (const address of endpoint.addresses) {
        byAddress.set(address, byAddress.has(address) ? [...places(address), place] : place);
      }
      if (endpoint.reported === undefined) return;
      late.push(endpoint);
      for (const address of endpoint.reported) byReported.set(address, endpoint);
    },
    has: (address) => byAddress.has(address),
    of: (address) => places(address).map(at),
    isUsedBy: (address, containerID) => {
      const found = byAddress.get(address);
      const isIts = (place: number) => containerIn(endpoints[place] ?? '') === containerID;
      return typeof found === 'number' ? isIts(found) : found?.some(isIts) === true;
    },
    ofContainer: (containerID) => {
      // Only damage asks for it.
      byContainer ??= new Map(endpoints.map((endpoint, place) => [containerIn(endpoint), place]));
      const place = containerID === '' ? undefined : byContainer.get(containerID);
      return place === undefined ? undefined : at(place);
    },
    addresses: () => byAddress.keys(),
    isShared: (address) => typeof byAddress.get(address) === 'object',
    reportedFor: (address) => byReported.get(address),
    late: () => late,
  };
}
