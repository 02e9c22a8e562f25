import { readMetadata } from '../../shared/calico/stored.ts';
import type { Reader } from '../../shared/cni/reader.ts';
import type { WatchedEntry } from '../../shared/datastore/watch.ts';
import { type Address, addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import type { NodeRouting } from './network-state.ts';
import { readerOf } from './watched-entry.ts';

/** A stored Node. Throws a Failure when a value has the wrong type; an address that is none counts as missing (as Calico). */
export function storedNode(name: string, entry: WatchedEntry): NodeRouting {
  const resource = readerOf(`node ${name} is not used`, entry, 'Node');
  const labels = readMetadata(resource).textMap('labels');
  const spec = resource.object('spec');
  const bgp = spec.object('bgp');
  const [ipv4, ipv6] = [ofFamily(bgp.text('ipv4Address'), 4), ofFamily(bgp.text('ipv6Address'), 6)];
  return {
    name,
    labels,
    ipv4: ipv4?.network,
    ipv4Address: ipv4?.address ?? internalAddress(spec, 4),
    ipv6: ipv6?.network,
    ipv6Address: ipv6?.address ?? internalAddress(spec, 6),
    asNumber: asNumberOf(bgp),
    routeReflectorClusterId: bgp.text('routeReflectorClusterID') || undefined,
    vxlanTunnelIpv4: parseAddress(spec.text('ipv4VXLANTunnelAddr')),
    vxlanTunnelMac: spec.text('vxlanTunnelMACAddr') || undefined,
    vxlanTunnelIpv6: parseAddress(spec.text('ipv6VXLANTunnelAddr')),
    vxlanTunnelMacIpv6: spec.text('vxlanTunnelMACAddrV6') || undefined,
    ipipTunnelIpv4: parseAddress(bgp.text('ipv4IPIPTunnelAddr')),
  };
}

/** An address with or without the length of its network. */
function ofFamily(text: string, family: Family): { readonly address: Address; readonly network: Cidr } | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address?.family !== family) return undefined;
  const network = slash === -1 ? blockOf(address, addressBits(family)) : parseCidr(text);
  return network === undefined ? undefined : { address, network };
}

/** The address that Kubernetes knows, for a node that has none for BGP (as Calico). */
function internalAddress(spec: Reader, family: Family): Address | undefined {
  return spec
    .objects('addresses')
    .filter((each) => each.text('type') === 'InternalIP')
    .map((each) => ofFamily(each.text('address'), family)?.address)
    .find((address) => address !== undefined);
}

/** A number, or a text with one or with two halves (`1.10`). */
function asNumberOf(bgp: Reader): number | undefined {
  const given = bgp.raw('asNumber');
  if (given === undefined || given === '') return undefined;
  const parts = typeof given === 'number' || typeof given === 'string' ? String(given).split('.').map(Number) : [];
  const [high = 0, low = 0] = parts.length === 1 ? [0, ...parts] : parts;
  const number = high * 2 ** 16 + low;
  const isNumber = parts.length > 0 && parts.length <= 2 && Number.isInteger(number) && number >= 0 && number < 2 ** 32;
  if (!isNumber) throw bgp.refuse('asNumber', 'not an AS number');
  return number;
}
