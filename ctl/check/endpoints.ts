import { asObject, parseObject } from '../../ipam/stored.ts';
import type { Entry } from '../../shared/etcd/view.ts';
import { type Address, parseAddress } from '../../shared/net/address.ts';

/** A workload endpoint, as far as addresses need it. */
export interface Endpoint {
  readonly key: string;
  readonly revision: number;
  /** `namespace/name`. */
  readonly name: string;
  readonly node: string;
  readonly containerID: string;
  readonly interfaceName: string;
  /** Names of the networks it may be on: its profiles. */
  readonly profiles: readonly string[];
  readonly addresses: readonly Address[];
}

/** Who uses which address. An address is told by its number: a number for IPv4, a bigint for IPv6. */
export interface Users {
  readonly byAddress: ReadonlyMap<number | bigint, readonly Endpoint[]>;
  readonly byContainer: ReadonlyMap<string, Endpoint>;
  /** How many endpoints there are. */
  readonly count: number;
}

export const ENDPOINTS_PREFIX = '/calico/resources/v3/projectcalico.org/workloadendpoints/';

/** How an address is told in a map. */
export const numberOf = (family: 4 | 6, value: bigint): number | bigint => (family === 4 ? Number(value) : value);

/** The endpoint at a key; throws naming the key when the value is none. */
export function decodeEndpoint({ key, value, modRevision }: Entry): Endpoint {
  const spec = asObject(parseObject(key, value)['spec']) ?? {};
  const text = (name: string) => (typeof spec[name] === 'string' ? String(spec[name]) : '');
  return {
    key,
    revision: modRevision,
    name: key.slice(ENDPOINTS_PREFIX.length),
    node: text('node'),
    containerID: text('containerID'),
    interfaceName: text('interfaceName'),
    profiles: strings(spec['profiles']),
    addresses: strings(spec['ipNetworks']).flatMap((network) => parseAddress(network.replace(/\/\d+$/, '')) ?? []),
  };
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** The endpoints of a cluster by address and by container. */
export function usersOf(endpoints: Iterable<Endpoint>): Users {
  const byAddress = new Map<number | bigint, readonly Endpoint[]>();
  const byContainer = new Map<string, Endpoint>();
  let count = 0;
  for (const endpoint of endpoints) {
    count++;
    if (endpoint.containerID !== '') byContainer.set(endpoint.containerID, endpoint);
    for (const { family, value } of endpoint.addresses) {
      const number = numberOf(family, value);
      byAddress.set(number, [...(byAddress.get(number) ?? []), endpoint]);
    }
  }
  return { byAddress, byContainer, count };
}
