import { PLURALS, type ResourceKind } from '../../shared/calico/resource-kind.ts';
import { bgpConfiguration } from './bgp-configuration.ts';
import { bgpFilter } from './bgp-filter.ts';
import { bgpPeer } from './bgp-peer.ts';
import { calicoNodeStatus } from './calico-node-status.ts';
import * as columns from './columns.ts';
import { felixConfiguration } from './felix-configuration.ts';
import { globalNetworkPolicy } from './global-network-policy.ts';
import { hostEndpoint } from './host-endpoint.ts';
import { ipPool } from './ip-pool.ts';
import { ipReservation } from './ip-reservation.ts';
import { ipamConfiguration } from './ipam-configuration.ts';
import type { Kind } from './kind.ts';
import { kubeControllersConfiguration } from './kube-control-configuration.ts';
import { networkPolicy } from './network-policy.ts';
import { networkSet } from './network-sets.ts';
import { node } from './node.ts';
import { profile } from './profile.ts';
import { stagedGlobalNetworkPolicy, stagedNetworkPolicy } from './staged-policies.ts';
import { tier } from './tier.ts';

type Known = Omit<Kind, 'namespaced' | 'plural' | 'words'> & Partial<Kind>;

const known = (kind: Known): Kind => ({ namespaced: false, words: [], plural: PLURALS[kind.name], ...kind });

/** A kind that is shown by name only. */
const plain = (name: ResourceKind, words: readonly string[], more: Partial<Kind>): Kind => ({
  ...known({ name, words, columns: columns.plain(more.namespaced ?? false), usual: ['NAME'], wide: ['NAME'] }),
  ...more,
});

/** Kinds that addresses depend on. */
const ADDRESSES: readonly Kind[] = [
  known({
    name: 'IPPool',
    words: ['ipp', 'ipps', 'pool', 'pools'],
    columns: columns.ipPoolColumns,
    usual: ['NAME', 'CIDR', 'SELECTOR'],
    wide: Object.keys(columns.ipPoolColumns),
    rules: ipPool,
  }),
  known({
    name: 'IPReservation',
    words: ['reservation', 'reservations'],
    columns: columns.ipReservationColumns,
    usual: ['NAME'],
    wide: ['NAME', 'CIDRS'],
    rules: ipReservation,
  }),
  known({
    name: 'IPAMConfiguration',
    words: ['ipamconfig', 'ipamconfigs'],
    columns: columns.ipamConfigurationColumns,
    usual: ['NAME', 'STRICTAFFINITY', 'AUTOALLOCATEBLOCKS'],
    wide: Object.keys(columns.ipamConfigurationColumns),
    rules: ipamConfiguration,
  }),
  known({
    name: 'Node',
    words: ['no', 'nos'],
    columns: columns.nodeColumns,
    usual: ['NAME'],
    wide: Object.keys(columns.nodeColumns),
    rules: node,
  }),
  known({
    name: 'Profile',
    words: ['pro', 'pros'],
    columns: columns.profileColumns,
    usual: ['NAME'],
    wide: Object.keys(columns.profileColumns),
    rules: profile,
  }),
  known({
    name: 'WorkloadEndpoint',
    words: ['wep', 'weps'],
    namespaced: true,
    columns: columns.workloadEndpointColumns,
    usual: ['WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE'],
    wide: ['NAME', 'WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE', 'PROFILES', 'NATS'],
    readOnly: 'the CNI plugin writes it; a container’s DEL deletes it',
    isDeletable: true,
  }),
  known({
    name: 'ClusterInformation',
    words: ['clusterinfo', 'clusterinfos'],
    columns: columns.clusterInformationColumns,
    usual: Object.keys(columns.clusterInformationColumns),
    wide: Object.keys(columns.clusterInformationColumns),
    readOnly: 'resource is readonly',
  }),
  known({
    name: 'BlockAffinity',
    words: ['affinity', 'affinities'],
    columns: columns.blockAffinityColumns,
    usual: ['CIDR', 'TYPE', 'NODE', 'STATE', 'ORIGIN'],
    wide: Object.keys(columns.blockAffinityColumns),
    readOnly: 'IPAM manages block affinities; use calicoctl ipam check and ipam repair',
  }),
];

const policy = (name: ResourceKind, words: readonly string[], more: Partial<Kind>): Kind =>
  known({
    name,
    words,
    columns: columns.policyColumns(more.namespaced ?? false),
    usual: ['NAME', 'TIER'],
    wide: ['NAME', 'TIER', 'ORDER', 'SELECTOR'],
    ...more,
  });

const POLICY: readonly Kind[] = [
  policy('GlobalNetworkPolicy', ['gnp', 'gnps'], { rules: globalNetworkPolicy }),
  policy('NetworkPolicy', ['policy', 'policies', 'np', 'nps', 'pol', 'pols'], {
    namespaced: true,
    rules: networkPolicy,
  }),
  policy('StagedGlobalNetworkPolicy', ['sgnp', 'sgnps'], {
    rules: stagedGlobalNetworkPolicy,
  }),
  policy('StagedNetworkPolicy', ['snp', 'snps'], {
    namespaced: true,
    rules: stagedNetworkPolicy,
  }),
  // Its rules are those of Kubernetes’ own policies, which are not checked here.
  plain('StagedKubernetesNetworkPolicy', ['sknp', 'sknps'], { namespaced: true }),
  known({
    name: 'Tier',
    columns: columns.tierColumns,
    usual: ['NAME', 'ORDER'],
    wide: ['NAME', 'ORDER'],
    rules: tier,
    rank: ({ spec }) => Number(spec?.['order']),
  }),
  known({
    name: 'GlobalNetworkSet',
    words: ['gnetset', 'gnetsets'],
    columns: columns.networkSetColumns(false),
    usual: ['NAME'],
    wide: ['NAME', 'NETS'],
    rules: networkSet,
  }),
  known({
    name: 'NetworkSet',
    words: ['netset', 'netsets'],
    namespaced: true,
    columns: columns.networkSetColumns(true),
    usual: ['NAME'],
    wide: ['NAME', 'NETS'],
    rules: networkSet,
  }),
  known({
    name: 'HostEndpoint',
    words: ['hep', 'heps'],
    columns: columns.hostEndpointColumns,
    usual: ['NAME', 'NODE'],
    wide: Object.keys(columns.hostEndpointColumns),
    rules: hostEndpoint,
  }),
];

const ROUTING: readonly Kind[] = [
  known({
    name: 'BGPConfiguration',
    words: ['bgpconfig', 'bgpconfigs'],
    columns: columns.bgpConfigurationColumns,
    usual: Object.keys(columns.bgpConfigurationColumns),
    wide: Object.keys(columns.bgpConfigurationColumns),
    rules: bgpConfiguration,
  }),
  known({
    name: 'BGPPeer',
    words: ['bgpp', 'bgpps', 'bp', 'bps'],
    columns: columns.bgpPeerColumns,
    usual: Object.keys(columns.bgpPeerColumns),
    wide: Object.keys(columns.bgpPeerColumns),
    rules: bgpPeer,
  }),
  plain('BGPFilter', ['bgpf', 'bgpfs', 'bf', 'bfs'], { rules: bgpFilter }),
];

const SETTINGS: readonly Kind[] = [
  plain('FelixConfiguration', ['felixconfig', 'felixconfigs'], { rules: felixConfiguration }),
  plain('KubeControllersConfiguration', ['kubecontrollersconfig', 'kubecontrollersconfigs'], {
    rules: kubeControllersConfiguration,
  }),
  plain('CalicoNodeStatus', [], { rules: calicoNodeStatus }),
];

/** Every kind, in the order of the help. */
export const KINDS: readonly Kind[] = [...ADDRESSES, ...ROUTING, ...SETTINGS, ...POLICY];

/** The kind that a word on the command line means: singular, plural or short, in any case. */
export const kindOfWord = (word: string): Kind | undefined => {
  const lower = word.toLowerCase();
  return KINDS.find(({ name, plural, words }) => [name.toLowerCase(), plural, ...words].includes(lower));
};

/** A kind that there is. */
export function kindOf(name: ResourceKind): Kind {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}

/** The kind that a document names. */
export const kindNamed = (name: string): Kind | undefined => KINDS.find((kind) => kind.name === name);
