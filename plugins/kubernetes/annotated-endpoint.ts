import type { IPNAT } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { floatingIPs, POD_PREFIX as PREFIX } from '../../shared/kubernetes/pod-annotations.ts';
import { notEnabled } from './annotated-addresses.ts';

type Notes = Readonly<Record<string, string>>;

/** The addresses that are to lead to the pod, canonical. Throws a Failure, also when the feature is not switched on. */
export function allowedFloatingIPs(
  annotations: Notes,
  { featureControl }: Pick<NetConf, 'featureControl'>,
): readonly string[] {
  const isAsked = (annotations[`${PREFIX}floatingIPs`] ?? '') !== '';
  if (isAsked && !featureControl.floatingIps) throw notEnabled('floating_ips');
  return floatingIPs(annotations);
}

/** Maps each floating address to the pod's address of the same family. Throws a Failure when the pod has none. */
export function natsTo(addresses: readonly string[], floating: readonly string[]): readonly IPNAT[] {
  return floating.map((externalIP) => {
    const isV6 = externalIP.includes(':');
    const internalIP = addresses.find((address) => address.includes(':') === isV6);
    if (internalIP !== undefined) return { internalIP, externalIP };
    throw failure(`floating IP ${externalIP} needs an IPv${isV6 ? 6 : 4} address of the pod`, `${PREFIX}floatingIPs`);
  });
}

/** The MAC requested for the container end, lower case with colons; undefined without one. Throws a Failure when a veth cannot have it. */
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
