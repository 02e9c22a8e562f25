/** Calico's v3 resources: the plural of a kind, as in keys, URLs and on the command line. */
export const PLURALS = {
  BGPConfiguration: 'bgpconfigurations',
  BGPFilter: 'bgpfilters',
  BGPPeer: 'bgppeers',
  BlockAffinity: 'blockaffinities',
  CalicoNodeStatus: 'caliconodestatuses',
  ClusterInformation: 'clusterinformations',
  FelixConfiguration: 'felixconfigurations',
  GlobalNetworkPolicy: 'globalnetworkpolicies',
  GlobalNetworkSet: 'globalnetworksets',
  HostEndpoint: 'hostendpoints',
  IPAMConfiguration: 'ipamconfigurations',
  IPPool: 'ippools',
  IPReservation: 'ipreservations',
  KubeControllersConfiguration: 'kubecontrollersconfigurations',
  NetworkPolicy: 'networkpolicies',
  NetworkSet: 'networksets',
  Node: 'nodes',
  Profile: 'profiles',
  StagedGlobalNetworkPolicy: 'stagedglobalnetworkpolicies',
  StagedKubernetesNetworkPolicy: 'stagedkubernetesnetworkpolicies',
  StagedNetworkPolicy: 'stagednetworkpolicies',
  Tier: 'tiers',
  WorkloadEndpoint: 'workloadendpoints',
} as const;

/** A v3 resource, by kind. Where IPAM's own affinities are BlockAffinity resources (on the Kubernetes API), they count as affinities only. */
export type ResourceKind = keyof typeof PLURALS;
