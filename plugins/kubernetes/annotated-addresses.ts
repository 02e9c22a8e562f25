import type { Group } from '../../ipam/group/group.ts';
import type { IpamConf, NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseTexts } from '../../shared/kubernetes/json-list.ts';
import type { Namespace, Pod } from '../../shared/kubernetes/objects.ts';
import { POD_PREFIX as PREFIX } from '../../shared/kubernetes/pod-annotations.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { annotatedGroup, refuseGroupWith } from './annotated-group.ts';
import { readNote, requireCalicoIpam } from './annotation.ts';

/** The configured IPAM with the annotations of a pod and its namespace applied. */
export interface AddressWish {
  readonly ipam: IpamConf;
  /** Request these addresses from IPAM, and no others (ipAddrs). */
  readonly fixed: readonly string[];
  /** Use these addresses without IPAM (ipAddrsNoIpam). */
  readonly unmanaged: readonly string[];
  /** Request one address of this group for each family (ipGroup). */
  readonly group: Group | undefined;
}

type Configured = Pick<NetConf, 'ipam' | 'featureControl'>;

/** Reads the annotations on addresses (as Calico): the pod's beat the namespace's, these beat the configuration. Throws a Failure. */
export function annotatedAddresses(conf: Configured, pod: Pod, namespace: Namespace): AddressWish {
  const ipam = conf.ipam.type === 'calico-ipam' ? annotatedIpam(conf.ipam, pod, namespace) : conf.ipam;
  return { ipam, ...ownAddresses(conf, pod, namespace) };
}

function annotatedIpam(ipam: IpamConf, pod: Pod, namespace: Namespace): IpamConf {
  const note = (name: string) => pod.annotations[PREFIX + name] || (namespace.annotations[PREFIX + name] ?? '');
  const pools = (name: string, configured: readonly string[]) =>
    note(name) === '' ? configured : readNote(name, note(name));
  const families = note('ipFamilies') === '' ? undefined : parseFamilies(note('ipFamilies'));
  return {
    ...ipam,
    ipv4Pools: pools('ipv4pools', ipam.ipv4Pools),
    ipv6Pools: pools('ipv6pools', ipam.ipv6Pools),
    ...(families && { assignIpv4: families.includes('IPv4'), assignIpv6: families.includes('IPv6') }),
  };
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

type OwnAddresses = Omit<AddressWish, 'ipam'>;
const NONE: OwnAddresses = { fixed: [], unmanaged: [], group: undefined };

function ownAddresses({ ipam, featureControl }: Configured, pod: Pod, namespace: Namespace): OwnAddresses {
  const fixed = pod.annotations[`${PREFIX}ipAddrs`] ?? '';
  const unmanaged = pod.annotations[`${PREFIX}ipAddrsNoIpam`] ?? '';
  if (fixed !== '' && unmanaged !== '') {
    throw failure("can't have both annotations: 'ipAddrs' and 'ipAddrsNoIpam' in use at the same time");
  }
  refuseGroupWith({ ipAddrs: fixed, ipAddrsNoIpam: unmanaged }, pod);
  if (unmanaged !== '') {
    requireCalicoIpam('ipAddrsNoIpam', ipam);
    if (!featureControl.ipAddrsNoIpam) throw notEnabled('ip_addrs_no_ipam');
    return { ...NONE, unmanaged: parseAddresses('ipAddrsNoIpam', unmanaged) };
  }
  if (fixed !== '') {
    requireCalicoIpam('ipAddrs', ipam);
    return { ...NONE, fixed: parseAddresses('ipAddrs', fixed) };
  }
  return { ...NONE, group: annotatedGroup(ipam, pod, namespace) };
}

/** An annotation that only works when the configuration enables it. */
export const notEnabled = (feature: string): Error =>
  failure(`requested feature is not enabled: ${feature}`, `feature_control.${feature} in the network configuration`);

/** At most one address per family, canonical. */
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
