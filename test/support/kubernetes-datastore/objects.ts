import { createHash } from 'node:crypto';
import { poolSpec } from '../stored/cluster.ts';
import { apiVersionOf, type Group } from './custom-resources.ts';

type Json = Readonly<Record<string, unknown>>;

/** A Calico object as it is sent to the API server. */
export interface CalicoObject {
  readonly plural: string;
  readonly body: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: Json & { readonly name: string };
    readonly spec: Json;
  };
}

const CLUSTER_GUID = '0123456789abcdef0123456789abcdef';

/** A block's name in the original: 192-168-89-112-28, fd00-1--c0-122. */
export const blockName = (cidr: string): string => cidr.replaceAll(/[.:/]/g, '-');

export const affinityName = (node: string, cidr: string): string => `${node}-${blockName(cidr)}`;

/** The label by which the original finds a node's affinities: SHA3-256 in base32. */
export function hostHash(node: string): string {
  const bits = [...createHash('sha3-256').update(node).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const fives = bits.match(/.{1,5}/g) ?? [];
  return fives.map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** The labels of an affinity. */
export const affinityLabels = (node: string, cidr: string, type = 'host'): Readonly<Record<string, string>> => ({
  'projectcalico.org/affinity-type': type,
  'projectcalico.org/hostname-hash': hostHash(node),
  'projectcalico.org/ip-version': cidr.includes(':') ? '6' : '4',
});

function object(group: Group, plural: string, kind: string, name: string, spec: Json, labels?: Json): CalicoObject {
  const described = labels === undefined ? '{}' : JSON.stringify({ labels });
  const annotations = group === 'crd.projectcalico.org' ? { 'projectcalico.org/metadata': described } : {};
  const metadata = { name, annotations, ...(labels === undefined ? {} : { labels }) };
  return { plural, body: { apiVersion: apiVersionOf(group), kind, metadata, spec } };
}

/** Objects as the original's components write them in one of the groups. */
export function objectsOf(group: Group) {
  const v3 = group === 'projectcalico.org';
  return {
    clusterInformation: (spec: Json = {}) =>
      object(group, 'clusterinformations', 'ClusterInformation', 'default', {
        clusterGUID: CLUSTER_GUID,
        clusterType: 'k8s,kdd',
        calicoVersion: 'v3.31.0',
        datastoreReady: true,
        ...spec,
      }),
    pool: (name: string, cidr: string, spec: Json = {}) =>
      object(group, 'ippools', 'IPPool', name, { ...poolSpec(cidr), ...spec }),
    /** As a user with kubectl writes it: only what is required. */
    barePool: (name: string, cidr: string) => object(group, 'ippools', 'IPPool', name, { cidr }),
    reservation: (name: string, ...reservedCIDRs: readonly string[]) =>
      object(group, 'ipreservations', 'IPReservation', name, { reservedCIDRs }),
    config: (spec: Json) => {
      const [plural, kind] = v3 ? ['ipamconfigurations', 'IPAMConfiguration'] : ['ipamconfigs', 'IPAMConfig'];
      return object(group, plural ?? '', kind ?? '', 'default', {
        strictAffinity: false,
        autoAllocateBlocks: true,
        ...spec,
      });
    },
    affinity: (node: string, cidr: string, spec: Json = {}) =>
      object(
        group,
        'blockaffinities',
        'BlockAffinity',
        affinityName(node, cidr),
        { state: 'confirmed', node, type: 'host', cidr, deleted: v3 ? false : 'false', ...spec },
        affinityLabels(node, cidr),
      ),
    handle: (handleID: string, block: Json, spec: Json = {}) =>
      object(group, 'ipamhandles', 'IPAMHandle', handleID.toLowerCase(), { handleID, block, deleted: false, ...spec }),
    block: (cidr: string, block: SeededAddresses) =>
      object(group, 'ipamblocks', 'IPAMBlock', blockName(cidr), blockSpec(cidr, block)),
  };
}

/** A block of the node (of none if absent) whose first addresses belong to these handles, one each. */
export interface SeededAddresses {
  readonly node?: string;
  readonly holders?: readonly { readonly handleID: string; readonly attributes?: Readonly<Record<string, string>> }[];
  readonly spec?: Json;
}

function blockSpec(cidr: string, { node, holders = [], spec = {} }: SeededAddresses): Json {
  const size = 2 ** ((cidr.includes(':') ? 128 : 32) - Number(cidr.split('/')[1]));
  const ordinals = Array.from({ length: size }, (_, ordinal) => ordinal);
  return {
    cidr,
    ...(node === undefined ? {} : { affinity: `host:${node}`, affinityClaimTime: '2026-11-28T01:21:01Z' }),
    allocations: ordinals.map((ordinal) => (ordinal < holders.length ? ordinal : null)),
    unallocated: ordinals.slice(holders.length),
    attributes: holders.map(({ handleID, attributes = {} }) => ({ handle_id: handleID, secondary: attributes })),
    sequenceNumber: 1000,
    sequenceNumberForAllocation: Object.fromEntries(holders.map((_, ordinal) => [ordinal, ordinal])),
    deleted: false,
    strictAffinity: false,
    ...spec,
  };
}
