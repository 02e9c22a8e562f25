import { GROUP_VERSION } from './definitions.ts';
import type { PrintedPool } from './pools.ts';
import type { ManifestRequest } from './request.ts';

/** The network configuration, with the tokens that calico-install replaces on each node. */
export function networkConfig({ etcd, network }: ManifestRequest, pools: readonly PrintedPool[]): string {
  const calico = {
    type: 'calico',
    log_level: 'info',
    log_file_path: '/var/log/calico/cni/cni.log',
    ...(etcd === undefined ? KUBERNETES : ETCD),
    nodename: '__KUBERNETES_NODE_NAME__',
    // calico/node writes that file, and may not be there.
    nodename_file_optional: true,
    mtu: MTU,
    ipam: { type: 'calico-ipam', ...families(pools) },
    ...(network.forwarding ? { container_settings: { allow_ip_forwarding: true } } : {}),
    policy: { type: 'k8s' },
    kubernetes: { kubeconfig: '__KUBECONFIG_FILEPATH__' },
  };
  const list = {
    name: 'k8s-pod-network',
    cniVersion: '1.0.0',
    plugins: network.hostPorts ? [calico, PORTMAP] : [calico],
  };
  return `${JSON.stringify(list, undefined, 2).replace(`"${MTU}"`, MTU)}\n`;
}

/** A number once it is replaced. */
const MTU = '__CNI_MTU__';
const PORTMAP = { type: 'portmap', snat: true, capabilities: { portMappings: true } };
const KUBERNETES = { datastore_type: 'kubernetes', calico_api_group: GROUP_VERSION };
const ETCD = {
  datastore_type: 'etcdv3',
  etcd_endpoints: '__ETCD_ENDPOINTS__',
  etcd_key_file: '__ETCD_KEY_FILE__',
  etcd_cert_file: '__ETCD_CERT_FILE__',
  etcd_ca_cert_file: '__ETCD_CA_CERT_FILE__',
};

/** Without these, a pod gets an IPv4 address only. */
function families(pools: readonly PrintedPool[]): Readonly<Record<string, string>> {
  const has = (family: number) => pools.some(({ cidr }) => cidr.family === family);
  return has(6) ? { assign_ipv4: String(has(4)), assign_ipv6: 'true' } : {};
}
