import type { Dump } from '../etcd/etcd.ts';

/** Calico's prefix of stored resources. */
const RESOURCES = '/calico/resources/v3/projectcalico.org/';

type Json = Readonly<Record<string, unknown>>;

function resource(kind: string, name: string, spec: Json, extra: Json = {}): Json {
  const metadata = { name, uid: '00000000-0000-0000-0000-000000000001', creationTimestamp: '2026-11-21T00:00:00Z' };
  return { kind, apiVersion: 'projectcalico.org/v3', metadata: { ...metadata, ...extra }, spec };
}

/** The spec of an IPPool as calicoctl stores it. */
export const poolSpec = (cidr: string): Json => ({
  cidr,
  vxlanMode: 'Never',
  ipipMode: 'Never',
  natOutgoing: true,
  blockSize: cidr.includes(':') ? 122 : 26,
  nodeSelector: 'all()',
  allowedUses: ['Workload', 'Tunnel'],
  assignmentMode: 'Automatic',
});

/** An IPPool as calicoctl stores it, under its key. */
export function pool(name: string, cidr: string, spec: Json = {}): Dump {
  return { [`${RESOURCES}ippools/${name}`]: JSON.stringify(resource('IPPool', name, { ...poolSpec(cidr), ...spec })) };
}

/** A Node with an address for BGP, under its key. */
export function node(name: string, address: string, metadata: Json = {}): Dump {
  const value = { ...resource('Node', name, { bgp: { ipv4Address: address } }, metadata), status: {} };
  return { [`${RESOURCES}nodes/${name}`]: JSON.stringify(value) };
}

/** The ID of the recordings' cluster. */
export const CLUSTER_GUID = '0123456789abcdef0123456789abcdef';

export function clusterInformation(spec: Json = {}): Dump {
  const known = { clusterGUID: CLUSTER_GUID, datastoreReady: true, ...spec };
  const value = resource('ClusterInformation', 'default', known);
  return { [`${RESOURCES}clusterinformations/default`]: JSON.stringify(value) };
}

export const POOL4 = pool('default-ipv4-ippool', '192.168.0.0/16');
export const POOL6 = pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64');

/** The cluster of the recordings: ready, two nodes, one IPv4 pool. */
export const BASE: Dump = {
  ...clusterInformation(),
  ...node('node1', '10.0.0.1/24'),
  ...node('node2', '10.0.0.2/24'),
  ...POOL4,
};

export type Conf = Readonly<Record<string, unknown>>;

/** The network configuration of the recordings. A key with the value undefined is left out. */
export function conf(changes: Conf = {}): Conf {
  return {
    cniVersion: '0.3.1',
    name: 'net1',
    type: 'calico',
    etcd_endpoints: 'http://127.0.0.1:2379',
    datastore_type: 'etcdv3',
    nodename: 'node1',
    nodename_file_optional: true,
    log_level: 'error',
    ipam: { type: 'calico-ipam' },
    ...changes,
  };
}

export const DUAL = { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' };
