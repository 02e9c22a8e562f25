import { goText } from '../../shared/cni/quote.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseCidr } from '../../shared/net/cidr.ts';

/** A node's pod networks; '' for a family without one. */
export interface PodCidrs {
  readonly v4: string;
  readonly v6: string;
}

/** What a DEL passes to host-local instead of the node's networks: it only looks into its own files. */
export const ANY: PodCidrs = { v4: '0.0.0.0/0', v6: '::/0' };

type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a host-local section asks for the node's pod network anywhere; throws a Failure when it cannot be read. */
export function usesPodCidr(ipam: unknown): boolean {
  let asked = false;
  replacePodCidrs(ipam, () => {
    asked = true;
    return ANY;
  });
  return asked;
}

/** The section with `usePodCidr` and `usePodCidrIPv6` replaced (as Calico), in `subnet` and in `ranges`. Throws a Failure. */
export function replacePodCidrs(ipam: unknown, cidrs: () => PodCidrs): JsonObject {
  const section = replaceSubnet(ipam, cidrs);
  const { ranges } = section;
  if (ranges === undefined || ranges === null) return section;
  return {
    ...section,
    ranges: listOf(ranges, 'ranges section').map((set) =>
      listOf(set, 'range set').map((range) => replaceSubnet(range, cidrs)),
    ),
  };
}

function replaceSubnet(value: unknown, cidrs: () => PodCidrs): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw failure(`failed to parse host-local IPAM data; was expecting a dict, not: ${goText(value)}`);
  }
  const range = value as JsonObject;
  const subnet = typeof range['subnet'] === 'string' ? range['subnet'].toLowerCase() : '';
  if (subnet === 'usepodcidr') return { ...range, subnet: required(cidrs().v4, 'usePodCidr', 4) };
  if (subnet === 'usepodcidripv6') return { ...range, subnet: required(cidrs().v6, 'usePodCidrIPv6', 6) };
  return range;
}

function required(cidr: string, word: string, family: 4 | 6): string {
  if (cidr !== '') return cidr;
  throw failure(`${word} found but there is no IPv${family} CIDR configured`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw failure(`failed to parse host-local IPAM ${what}; was expecting a list, not: ${goText(value)}`);
}

/** A node's networks by family. The last one counts, but two networks that are both of one family are an error. */
export function podCidrsOf(node: string, podCIDRs: readonly string[]): PodCidrs {
  if (podCIDRs.length === 0)
    throw failure(`no podCidr for node ${node}`, 'spec.podCIDRs of the Kubernetes node is empty');
  const families = podCIDRs.map((text) => parseCidr(text)?.family);
  if (podCIDRs.length === 2 && families[0] === families[1])
    throw failure('ClusterCIDR contains two ranges of the same type');
  const last = (family: 4 | 6) => podCIDRs[families.lastIndexOf(family)] ?? '';
  return { v4: last(4), v6: last(6) };
}
