import * as columns from './columns.ts';
import { ipPool } from './ip-pool.ts';
import { ipReservation } from './ip-reservation.ts';
import { ipamConfiguration } from './ipam-configuration.ts';
import type { Kind } from './kind.ts';
import { node } from './node.ts';
import { profile } from './profile.ts';

type Known = Omit<Kind, 'namespaced' | 'words'> & Partial<Kind>;

const known = (kind: Known): Kind => ({ namespaced: false, words: [], ...kind });

/** Kinds that are checked, or shown with columns of their own: those that addresses depend on. */
const OWN: readonly Kind[] = [
  known({
    name: 'IPPool',
    plural: 'ippools',
    words: ['ipp', 'ipps', 'pool', 'pools'],
    columns: columns.ipPoolColumns,
    usual: ['NAME', 'CIDR', 'SELECTOR'],
    wide: Object.keys(columns.ipPoolColumns),
    rules: ipPool,
  }),
  known({
    name: 'IPReservation',
    plural: 'ipreservations',
    words: ['reservation', 'reservations'],
    columns: columns.ipReservationColumns,
    usual: ['NAME'],
    wide: ['NAME', 'CIDRS'],
    rules: ipReservation,
  }),
  known({
    name: 'IPAMConfiguration',
    plural: 'ipamconfigurations',
    words: ['ipamconfig', 'ipamconfigs'],
    columns: columns.ipamConfigurationColumns,
    usual: ['NAME', 'STRICTAFFINITY', 'AUTOALLOCATEBLOCKS'],
    wide: Object.keys(columns.ipamConfigurationColumns),
    rules: ipamConfiguration,
  }),
  known({
    name: 'Node',
    plural: 'nodes',
    words: ['no', 'nos'],
    columns: columns.nodeColumns,
    usual: ['NAME'],
    wide: Object.keys(columns.nodeColumns),
    rules: node,
  }),
  known({
    name: 'Profile',
    plural: 'profiles',
    words: ['pro', 'pros'],
    columns: columns.profileColumns,
    usual: ['NAME'],
    wide: Object.keys(columns.profileColumns),
    rules: profile,
  }),
  known({
    name: 'WorkloadEndpoint',
    plural: 'workloadendpoints',
    words: ['wep', 'weps'],
    namespaced: true,
    columns: columns.workloadEndpointColumns,
    usual: ['WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE'],
    wide: ['NAME', 'WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE', 'PROFILES', 'NATS'],
    readOnly: 'the CNI plugin writes it; a container’s DEL deletes it',
  }),
  known({
    name: 'ClusterInformation',
    plural: 'clusterinformations',
    words: ['clusterinfo', 'clusterinfos'],
    columns: columns.clusterInformationColumns,
    usual: Object.keys(columns.clusterInformationColumns),
    wide: Object.keys(columns.clusterInformationColumns),
    readOnly: 'resource is readonly',
  }),
  known({
    name: 'BlockAffinity',
    plural: 'blockaffinities',
    words: ['affinity', 'affinities'],
    columns: columns.blockAffinityColumns,
    usual: ['CIDR', 'TYPE', 'NODE', 'STATE', 'ORIGIN'],
    wide: Object.keys(columns.blockAffinityColumns),
    readOnly: 'IPAM keeps the nodes’ claims on blocks; use calicoctl ipam check and ipam repair',
  }),
];

/** The other kinds by their plural, with further words; those in NAMESPACED lie in namespaces. */
const OTHERS: Readonly<Record<string, readonly [name: string, ...words: string[]]>> = {
  bgpconfigurations: ['BGPConfiguration', 'bgpconfig', 'bgpconfigs'],
  bgpfilters: ['BGPFilter'],
  bgppeers: ['BGPPeer', 'bgpp', 'bgpps', 'bp', 'bps'],
  caliconodestatuses: ['CalicoNodeStatus'],
  felixconfigurations: ['FelixConfiguration', 'felixconfig', 'felixconfigs'],
  globalnetworkpolicies: ['GlobalNetworkPolicy', 'gnp', 'gnps'],
  globalnetworksets: ['GlobalNetworkSet'],
  hostendpoints: ['HostEndpoint', 'hep', 'heps'],
  kubecontrollersconfigurations: ['KubeControllersConfiguration', 'kubecontrollersconfig', 'kubecontrollersconfigs'],
  networkpolicies: ['NetworkPolicy', 'policy', 'policies', 'np', 'nps', 'pol', 'pols'],
  networksets: ['NetworkSet', 'netset', 'netsets'],
  stagedglobalnetworkpolicies: ['StagedGlobalNetworkPolicy', 'sgnp', 'sgnps'],
  stagedkubernetesnetworkpolicies: ['StagedKubernetesNetworkPolicy', 'sknp', 'sknps'],
  stagednetworkpolicies: ['StagedNetworkPolicy', 'snp', 'snps'],
  tiers: ['Tier'],
};
const NAMESPACED = ['networkpolicies', 'networksets', 'stagednetworkpolicies', 'stagedkubernetesnetworkpolicies'];

const others: readonly Kind[] = Object.entries(OTHERS).map(([plural, [name, ...words]]) => {
  const namespaced = NAMESPACED.includes(plural);
  const all = columns.plain(namespaced);
  return { name, plural, words, namespaced, columns: all, usual: ['NAME'], wide: ['NAME'] };
});

/** Every kind, in the order of the help. */
export const KINDS: readonly Kind[] = [...OWN, ...others];

/** The kind that a word on the command line means: singular, plural or short, in any case. */
export const kindOfWord = (word: string): Kind | undefined => {
  const lower = word.toLowerCase();
  return KINDS.find(({ name, plural, words }) => [name.toLowerCase(), plural, ...words].includes(lower));
};

/** The kind that a document names. */
export const kindNamed = (name: string): Kind | undefined => KINDS.find((kind) => kind.name === name);
