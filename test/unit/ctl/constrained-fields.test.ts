import { expect, test } from 'vitest';
import { checked } from '../../../ctl/change/stored.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';

/** Not a valid name, address, selector, duration, number or enum value. */
const ODD = '~ ~';

/** Fields for which the original does not accept any text; `[]` stands for an item of a list. */
const CONSTRAINED: Readonly<Record<string, string>> = {
  IPPool:
    'cidr vxlanMode ipipMode natOutgoing disabled disableBGPExport blockSize nodeSelector namespaceSelector allowedUses[] assignmentMode',
  IPReservation: 'reservedCIDRs[]',
  IPAMConfiguration:
    'strictAffinity maxBlocksPerHost autoAllocateBlocks kubeVirtVMAddressPersistence ipCooldownSeconds',
  Node: 'bgp.asNumber bgp.ipv4Address bgp.ipv6Address bgp.ipv4IPIPTunnelAddr bgp.routeReflectorClusterID ipv4VXLANTunnelAddr ipv6VXLANTunnelAddr vxlanTunnelMACAddr vxlanTunnelMACAddrV6 wireguard.interfaceIPv4Address wireguard.interfaceIPv6Address',
  Profile: 'ingress[].action egress[].action ingress[].source.nets[] ingress[].protocol labelsToApply.key',
  BGPConfiguration:
    'logSeverityScreen nodeToNodeMeshEnabled asNumber serviceLoadBalancerIPs[].cidr serviceExternalIPs[].cidr serviceClusterIPs[].cidr serviceLoadBalancerAggregation communities[].name communities[].value prefixAdvertisements[].cidr listenPort nodeMeshMaxRestartTime bindMode ignoredInterfaces[] localWorkloadPeeringIPV4 localWorkloadPeeringIPV6 programClusterRoutes',
  BGPPeer:
    'node nodeSelector peerIP asNumber localASNumber peerSelector keepOriginalNextHop sourceAddress maxRestartTime keepaliveTime numAllowedLocalASNumbers ttlSecurity filters[] reachableBy localWorkloadSelector reversePeering nextHopMode',
  BGPFilter:
    'exportV4[].cidr exportV4[].action exportV4[].matchOperator exportV4[].source exportV4[].interface exportV4[].prefixLength.min importV4[].cidr importV6[].cidr exportV6[].prefixLength.max exportV4[].communities.values[] exportV4[].asPathPrefix[] exportV4[].priority exportV4[].peerType exportV4[].operations[].setPriority.value',
  FelixConfiguration:
    'bpfEnabled bpfLogLevel bpfExternalServiceMode bpfConnectTimeLoadBalancing bpfHostNetworkedNATWithoutCTLB bpfConntrackTimeouts.tcpSynSent bpfDSROptoutCIDRs[] bpfExcludeCIDRsFromNAT[] bpfForceTrackPacketsFromIfaces[] bpfKubeProxyMinSyncPeriod bpfPSNATPorts bpfLogFilters chainInsertMode defaultEndpointToHostAction deviceRouteProtocol deviceRouteSourceAddress deviceRouteSourceAddressIPv6 externalNodesList[] failsafeInboundHostPorts[].protocol failsafeInboundHostPorts[].port failsafeOutboundHostPorts[].net featureDetectOverride featureGates floatingIPs healthEnabled healthPort healthTimeoutOverrides[].timeout interfaceRefreshInterval ipipEnabled ipipMTU ipsetsRefreshInterval iptablesBackend iptablesFilterAllowAction iptablesFilterDenyAction iptablesLockProbeInterval iptablesMangleAllowAction iptablesMarkMask iptablesNATOutgoingInterfaceFilter iptablesPostWriteCheckInterval iptablesRefreshInterval ipv6Support kubeNodePortRanges[] logActionRateLimit logPrefix logSeverityFile logSeverityScreen logSeveritySys maxIpsetSize metadataPort natOutgoingAddress natOutgoingExclusions natPortRange netlinkTimeout nftablesMode nodeSelector openstackRegion prometheusMetricsEnabled prometheusMetricsHost prometheusMetricsPort reportingInterval routeRefreshInterval routeSource routeTableRange.min routeTableRanges[].max serviceLoopPrevention usageReportingInterval vxlanEnabled vxlanMTU vxlanPort vxlanVNI wireguardEnabled wireguardEnabledV6 wireguardInterfaceName wireguardKeepAlive wireguardListeningPort wireguardMTU workloadSourceSpoofing xdpEnabled',
  KubeControllersConfiguration:
    'logSeverityScreen healthChecks etcdV3CompactionPeriod prometheusMetricsPort debugProfilePort controllers.node.reconcilerPeriod controllers.node.syncLabels controllers.node.leakGracePeriod controllers.node.hostEndpoint.autoCreate controllers.node.hostEndpoint.createDefaultHostEndpoint controllers.node.hostEndpoint.templates[].nodeSelector controllers.node.hostEndpoint.templates[].interfaceCIDRs[] controllers.policy.reconcilerPeriod controllers.workloadEndpoint.reconcilerPeriod controllers.serviceAccount.reconcilerPeriod controllers.namespace.reconcilerPeriod controllers.loadBalancer.assignIPs controllers.policyMigration.enabled',
  GlobalNetworkPolicy:
    'tier order selector namespaceSelector serviceAccountSelector types[] doNotTrack preDNAT applyOnForward performanceHints[] ingress[].action ingress[].ipVersion ingress[].protocol ingress[].notProtocol ingress[].icmp.type ingress[].icmp.code ingress[].notICMP.type ingress[].source.nets[] ingress[].source.notNets[] ingress[].source.selector ingress[].source.notSelector ingress[].source.namespaceSelector ingress[].source.ports[] ingress[].destination.ports[] ingress[].destination.notPorts[] ingress[].source.services.name ingress[].source.services.namespace ingress[].source.serviceAccounts.selector egress[].action egress[].destination.nets[]',
  NetworkPolicy:
    'tier order selector serviceAccountSelector types[] ingress[].action ingress[].destination.ports[] egress[].destination.selector',
  StagedGlobalNetworkPolicy: 'stagedAction tier selector types[] ingress[].action',
  StagedNetworkPolicy: 'stagedAction tier selector types[] egress[].action',
  GlobalNetworkSet: 'nets[]',
  NetworkSet: 'nets[]',
  HostEndpoint: 'node interfaceName expectedIPs[] profiles[] ports[].name ports[].port ports[].protocol',
  Tier: 'order defaultAction',
  CalicoNodeStatus: 'node classes[] updatePeriodSeconds',
};

/** An object with this value at a path. */
function around(path: string, value: unknown): unknown {
  const [first = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : around(rest.join('.'), value);
  return first.endsWith('[]') ? { [first.slice(0, -2)]: [inner] } : { [first]: inner };
}

test.each(Object.entries(CONSTRAINED))('%s: invalid text is refused where the original refuses it', (name, paths) => {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  const taken = paths.split(' ').filter((path) => {
    const spec = around(path, ODD) as Record<string, unknown>;
    const given = { kind: name, apiVersion: 'projectcalico.org/v3', metadata: { name: 'default' }, spec };
    try {
      checked(kind, given, undefined);
      return true;
    } catch (thrown) {
      const { message } = thrown as Error;
      const last = path.split(/[.[\]]+/).findLast((part) => part !== '') ?? '';
      return !message.toLowerCase().includes(last.toLowerCase()) || message.includes('unknown field');
    }
  });
  expect(taken).toEqual([]);
});

test('an override of a health timeout needs a name and a timeout', () => {
  const kind = kindNamed('FelixConfiguration');
  if (kind === undefined) throw new Error('no kind FelixConfiguration');
  const refusal = (override: object) => () =>
    checked(
      kind,
      {
        kind: 'FelixConfiguration',
        apiVersion: 'projectcalico.org/v3',
        metadata: { name: 'default' },
        spec: { healthTimeoutOverrides: [override] },
      },
      undefined,
    );
  expect(refusal({ name: 'a' })).toThrow('timeout');
  expect(refusal({ timeout: '1s' })).toThrow('name');
  expect(refusal({ name: 'a', timeout: '1s' })).not.toThrow();
});
