import { addressBits, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, contains } from '../../shared/net/cidr.ts';
import type { ServiceRouting } from '../state/network-state.ts';

/** Networks that addresses of services may be announced of. */
export interface ServiceNetworks {
  readonly cluster: readonly Cidr[];
  readonly external: readonly Cidr[];
  readonly balanced: readonly Cidr[];
}

/**
 * The addresses that a node announces one by one: of services that only some nodes serve, and of those for which a single address is
 * configured.
 */
export function serviceAddresses(services: readonly ServiceRouting[], networks: ServiceNetworks): readonly Cidr[] {
  const found = services
    .filter((each) => each.isLocal || isSingle(each, networks))
    .flatMap(({ clusterIp, externalIps, loadBalancerIps }) => [
      ...(networks.cluster.length === 0 ? [] : [clusterIp]),
      ...externalIps.filter((ip) => isWithin(ip, networks.external)),
      ...loadBalancerIps.filter((ip) => isWithin(ip, networks.balanced)),
    ])
    .map(aloneCidr)
    .filter((cidr) => cidr !== undefined);
  return [...new Map(found.map((cidr) => [cidr.text, cidr])).values()];
}

/** A network of one address is announced for the service that has it. */
const isSingle = ({ balanced, externalIps }: ServiceRouting, networks: ServiceNetworks): boolean =>
  balanced.some((ip) => isWithin(ip, networks.balanced.filter(isAlone))) ||
  externalIps.some((ip) => isWithin(ip, networks.external.filter(isAlone)));

const isAlone = ({ length, family }: Cidr): boolean => length === addressBits(family);

function isWithin(ip: string, networks: readonly Cidr[]): boolean {
  const address = parseAddress(ip);
  return address !== undefined && networks.some((cidr) => contains(cidr, address));
}

function aloneCidr(ip: string): Cidr | undefined {
  const address = parseAddress(ip);
  return address && blockOf(address, addressBits(address.family));
}
