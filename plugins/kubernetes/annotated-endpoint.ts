import type { IPNAT } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import { notEnabled, PREFIX } from './annotated-addresses.ts';
import { parseTexts } from './json-list.ts';

type Notes = Readonly<Record<string, string>>;

/** The networks a pod may send from beside its own addresses, host bits cleared. Throws a Failure. */
export function spoofedPrefixes(annotations: Notes): readonly string[] {
  const value = annotations[`${PREFIX}allowedSourcePrefixes`] ?? '';
  return (value === '' ? [] : parseTexts(value)).map((text) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined) return cidr.text;
    throw failure(
      `failed to parse '${text}' as a CIDR: invalid CIDR address: ${text}`,
      `${PREFIX}allowedSourcePrefixes`,
    );
  });
}

/** The addresses that shall lead to the pod, canonical. Throws a Failure, also when the feature is not switched on. */
export function floatingIPs(
  annotations: Notes,
  { featureControl }: Pick<NetConf, 'featureControl'>,
): readonly string[] {
  const value = annotations[`${PREFIX}floatingIPs`] ?? '';
  if (value === '') return [];
  if (!featureControl.floatingIps) throw notEnabled('floating_ips');
  return parseTexts(value).map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw failure(`invalid IP format: ${text}`, `${PREFIX}floatingIPs`);
    return address.text;
  });
}

/** Each floating address led to the pod's address of its family; throws a Failure where the pod has none. */
export function natsTo(addresses: readonly string[], floating: readonly string[]): readonly IPNAT[] {
  return floating.map((externalIP) => {
    const isV6 = externalIP.includes(':');
    const internalIP = addresses.find((address) => address.includes(':') === isV6);
    if (internalIP !== undefined) return { internalIP, externalIP };
    throw failure(`floating IP ${externalIP} needs an IPv${isV6 ? 6 : 4} address of the pod`, `${PREFIX}floatingIPs`);
  });
}

/** The MAC the container's end shall have, lower case with colons; undefined when none is asked for. Throws a Failure for what no veth can have. */
export function wantedMac(annotations: Notes): string | undefined {
  const text = annotations[`${PREFIX}hwAddr`];
  if (text === undefined) return undefined;
  const octets = parseMac(text);
  if (octets === undefined) {
    throw failure(
      `failed to parse MAC address ${text} provided via ${PREFIX}hwAddr: address ${text}: invalid MAC address`,
    );
  }
  const isGroup = ((octets[0] ?? 0) & 1) === 1;
  if (octets.length !== 6 || isGroup || octets.every((octet) => octet === 0)) {
    const why = octets.length === 6 ? 'cannot assign requested address' : 'an Ethernet address has 6 bytes';
    throw failure(`failed to set container-side interface MAC to ${text} as requested via ${PREFIX}hwAddr: ${why}`);
  }
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** 6, 8 or 20 bytes in one of the three forms Go reads: 00:11:…, 00-11-… and 0011.2233.… */
function parseMac(text: string): readonly number[] | undefined {
  const dotted = /^[0-9a-f]{4}(\.[0-9a-f]{4})+$/i.test(text);
  if (!dotted && !/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(text) && !/^[0-9a-f]{2}(-[0-9a-f]{2})+$/i.test(text))
    return undefined;
  const octets = (text.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => Number.parseInt(pair, 16));
  return [6, 8, 20].includes(octets.length) ? octets : undefined;
}
