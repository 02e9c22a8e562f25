import type { NetConf } from '../../shared/cni/netconf.ts';
import { ANY, type PodCidrs, replacePodCidrs, usesPodCidr } from './pod-cidr.ts';

/** The configuration with `usePodCidr` replaced, also in the text passed to host-local. */
export function withPodCidrs(conf: NetConf, cidrs: PodCidrs): NetConf {
  const raw = replacePodCidrs(conf.ipam.raw, () => cidrs);
  const json = JSON.parse(conf.text) as Readonly<Record<string, unknown>>;
  // The key matches in any case.
  const entries = Object.entries(json).map(([key, value]) => [key, key.toLowerCase() === 'ipam' ? raw : value]);
  return { ...conf, ipam: { ...conf.ipam, raw }, text: JSON.stringify(Object.fromEntries(entries)) };
}

/** For every verb except ADD: host-local then only looks into its own files, so no API server is needed (as Calico). */
export function withoutPodCidrs<C extends { readonly conf: NetConf }>(call: C): C {
  const { conf } = call;
  if (conf.ipam.type !== 'host-local' || !asksForPodCidr(conf)) return call;
  return { ...call, conf: withPodCidrs(conf, ANY) };
}

/** A configuration that ADD would have refused has no addresses. */
function asksForPodCidr({ ipam }: NetConf): boolean {
  try {
    return usesPodCidr(ipam.raw);
  } catch {
    return false;
  }
}
