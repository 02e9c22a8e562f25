import { platform } from '#platform';
import { failure } from '../../shared/error/failure.ts';
import { type Address, type Family, parseAddress } from '../../shared/net/address.ts';
import { getRouteTo, readRouteSource } from '../../shared/netlink/route-to.ts';
import { KernelRefused, withNetlink } from '../../shared/netlink/socket.ts';
import type { DetectionMethod } from './detection-method.ts';
import { type Chosen, detectAddress, type HostAddresses, usedAddress } from './node-address.ts';

/** What an address is found in. */
export interface AddressSources {
  readonly host: HostAddresses;
  /** The Kubernetes node's addresses of type InternalIP; undefined where there is no Kubernetes node. */
  readonly internalIps: readonly string[] | undefined;
}

/** Finds the address by which other nodes reach this one. Undefined when there is none. */
export async function findAddress(
  { host, internalIps }: AddressSources,
  family: Family,
  method: DetectionMethod,
): Promise<Chosen | undefined> {
  if (method.by === 'can-reach') return reaching(host, family, method.destination);
  if (method.by === 'kubernetes-internal-ip') return internal(host, family, internalIps);
  return detectAddress(host, family, method);
}

function internal(host: HostAddresses, family: Family, internalIps: AddressSources['internalIps']): Chosen | undefined {
  if (internalIps === undefined) {
    throw failure("Cannot use method 'kubernetes-internal-ip' when not running on a Kubernetes cluster");
  }
  const found = internalIps.map(parseAddress).find((address) => address?.family === family);
  return found && usedAddress(host, found, 'the Kubernetes node’s InternalIP');
}

async function reaching(host: HostAddresses, family: Family, destination: string): Promise<Chosen | undefined> {
  const given = parseAddress(destination);
  const all = given === undefined ? await addressesOf(destination) : [given];
  const sources = all.filter((address) => address.family === family).map(sourceTowards);
  const source = sources.find((each) => each !== undefined);
  return source && usedAddress(host, source, `which reaches ${destination}`);
}

const LOOKUP_MS = 5_000;

/** The addresses of a host name; none when it has none. */
const addressesOf = (name: string): Promise<readonly Address[]> =>
  new Promise((resolve) =>
    platform.lookup(name, LOOKUP_MS, (_error, texts) =>
      resolve((texts ?? []).map(parseAddress).filter((address) => address !== undefined)),
    ),
  );

/** Where packets to an address come from; undefined when no route leads there. */
function sourceTowards({ family, text }: Address): Address | undefined {
  try {
    const [route] = withNetlink((kernel) => kernel.ask(getRouteTo(family, text)));
    return route && parseAddress(readRouteSource(route));
  } catch (thrown) {
    if (thrown instanceof KernelRefused) return undefined;
    throw thrown;
  }
}
