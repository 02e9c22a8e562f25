import type { IpamConf, NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Namespace, Pod } from '../../shared/kubernetes/objects.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { parseTexts } from './json-list.ts';

/** What the annotations of a pod and its namespace make of the configured IPAM. */
export interface AddressWish {
  readonly ipam: IpamConf;
  /** Addresses to take from IPAM, and no others (ipAddrs). */
  readonly fixed: readonly string[];
  /** Addresses to be used without IPAM knowing (ipAddrsNoIpam). */
  readonly unmanaged: readonly string[];
}

type Configured = Pick<NetConf, 'ipam' | 'featureControl'>;

/** What all of Calico's annotations on addresses begin with. */
export const PREFIX = 'cni.projectcalico.org/';

/** Reads the annotations on addresses (as Calico): the pod's beat the namespace's, these beat the configuration. Throws a Failure. */
export function annotatedAddresses(conf: Configured, pod: Pod, namespace: Namespace): AddressWish {
  const ipam = conf.ipam.type === 'calico-ipam' ? annotatedIpam(conf.ipam, pod, namespace) : conf.ipam;
  return { ipam, ...ownAddresses(conf, pod) };
}

function annotatedIpam(ipam: IpamConf, pod: Pod, namespace: Namespace): IpamConf {
  const note = (name: string) => pod.annotations[PREFIX + name] || (namespace.annotations[PREFIX + name] ?? '');
  const pools = (name: string, configured: readonly string[]) =>
    note(name) === '' ? configured : within(name, () => parseTexts(note(name)));
  const families = note('ipFamilies') === '' ? undefined : parseFamilies(note('ipFamilies'));
  return {
    ...ipam,
    ipv4Pools: pools('ipv4pools', ipam.ipv4Pools),
    ipv6Pools: pools('ipv6pools', ipam.ipv6Pools),
    ...(families && { assignIpv4: families.includes('IPv4'), assignIpv6: families.includes('IPv6') }),
  };
}

/** The original gives the parser's bare words, which do not say whose annotation it is. */
function within<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw failure(`annotation "${PREFIX}${name}": ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

function parseFamilies(value: string): readonly string[] {
  let families: readonly string[] = [];
  try {
    families = parseTexts(value);
  } catch (thrown) {
    throw failure(`error parsing ipFamilies: ${value}`, thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (families.every((family) => family === 'IPv4' || family === 'IPv6')) return families;
  throw failure(`error parsing ipFamilies: ${value}`, `${PREFIX}ipFamilies takes "IPv4" and "IPv6"`);
}

function ownAddresses({ ipam, featureControl }: Configured, pod: Pod): Omit<AddressWish, 'ipam'> {
  const fixed = pod.annotations[`${PREFIX}ipAddrs`] ?? '';
  const unmanaged = pod.annotations[`${PREFIX}ipAddrsNoIpam`] ?? '';
  if (fixed !== '' && unmanaged !== '') {
    throw failure("can't have both annotations: 'ipAddrs' and 'ipAddrsNoIpam' in use at the same time");
  }
  if (unmanaged !== '') {
    requireCalicoIpam('ipAddrsNoIpam', ipam);
    if (!featureControl.ipAddrsNoIpam) throw notEnabled('ip_addrs_no_ipam');
    return { fixed: [], unmanaged: parseAddresses('ipAddrsNoIpam', unmanaged) };
  }
  if (fixed === '') return { fixed: [], unmanaged: [] };
  requireCalicoIpam('ipAddrs', ipam);
  return { fixed: parseAddresses('ipAddrs', fixed), unmanaged: [] };
}

function requireCalicoIpam(name: string, { type }: IpamConf): void {
  if (type !== 'calico-ipam') throw failure(`${name} is not compatible with configured IPAM: ${type}`);
}

/** An annotation that only a switch of the configuration allows. */
export const notEnabled = (feature: string): Error =>
  failure(`requested feature is not enabled: ${feature}`, `feature_control.${feature} in the network configuration`);

/** At most one address of each family, canonical. */
function parseAddresses(name: string, value: string): readonly string[] {
  const annotation = PREFIX + name;
  const texts = parseIPs(annotation, value);
  if (texts.length === 0) throw failure(`annotation "${annotation}" specified but empty`);
  const addresses = texts.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw failure(`invalid IP format: ${text}`, annotation);
    return address;
  });
  for (const family of [4, 6] as const) {
    if (addresses.filter((address) => address.family === family).length > 1) {
      throw failure(`cannot have more than one IPv${family} address for "${annotation}" annotation`);
    }
  }
  return addresses.map(({ text }) => text);
}

function parseIPs(annotation: string, value: string): readonly string[] {
  try {
    return parseTexts(value);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : thrown;
    throw failure(`failed to parse IPs ${value} for annotation "${annotation}": ${why}`);
  }
}
