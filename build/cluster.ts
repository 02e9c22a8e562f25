const RESOURCES = '/calico/resources/v3/projectcalico.org';

const metadata = (name: string) => ({
  name,
  uid: '00000000-0000-0000-0000-000000000001',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const resource = (kind: string, name: string, spec: object) => ({
  kind,
  apiVersion: 'projectcalico.org/v3',
  metadata: metadata(name),
  spec,
});

/** The least that Calico's data has to hold before a pod can get an address, as calicoctl stores it: values by key. */
export function smallCluster(node: string, nodeAddress: string, pool: string): Readonly<Record<string, object>> {
  const known = { clusterGUID: '0123456789abcdef0123456789abcdef', datastoreReady: true };
  const addresses = {
    cidr: pool,
    blockSize: 26,
    ipipMode: 'Never',
    vxlanMode: 'Never',
    natOutgoing: true,
    nodeSelector: 'all()',
    allowedUses: ['Workload', 'Tunnel'],
  };
  return {
    [`${RESOURCES}/clusterinformations/default`]: resource('ClusterInformation', 'default', known),
    [`${RESOURCES}/nodes/${node}`]: resource('Node', node, { bgp: { ipv4Address: nodeAddress } }),
    [`${RESOURCES}/ippools/demo`]: resource('IPPool', 'demo', addresses),
  };
}
