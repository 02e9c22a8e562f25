import { base64 } from '../../shared/bytes/text.ts';
import { API_VERSION } from '../resource/resource.ts';
import { GROUP_VERSION } from './definitions.ts';
import { type KubernetesObject, NAMESPACE } from './kubernetes-object.ts';
import { networkConfig } from './network-config.ts';
import type { PrintedPool } from './pools.ts';
import type { EtcdRequest, ManifestRequest } from './request.ts';

/** The settings that all nodes share, by the names that the original's manifests use. */
export const CONFIG = 'calico-config';
export const SECRETS = 'calico-etcd-secrets';
/** The key of the pools that every node makes unless they exist, for etcd. */
export const POOLS_KEY = 'ippools.json';
/** Where containers find the Secret's files. */
export const ASSETS = '/calico-secrets';

/** The ConfigMap, and what else the nodes need before the first pod. */
export function clusterSettings(request: ManifestRequest, pools: readonly PrintedPool[]): readonly KubernetesObject[] {
  const { etcd, network, routing } = request;
  const common = {
    veth_mtu: String(network.mtu),
    calico_backend: routing === 'vxlan' ? 'vxlan' : 'bird',
    typha_service_name: 'none',
    cni_network_config: networkConfig(request, pools),
  };
  if (etcd === undefined) return [configMap(common), ...clusterObjects(pools)];
  return [secret(etcd), configMap({ ...etcdKeys(etcd), ...common, [POOLS_KEY]: poolDocuments(pools) })];
}

const configMap = (data: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: CONFIG, namespace: NAMESPACE },
  data,
});

const custom = (kind: string, name: string, spec: object): KubernetesObject => ({
  apiVersion: GROUP_VERSION,
  kind,
  metadata: { name },
  spec,
});

/** No clusterGUID: printed again, it would be another, and nodes know their cluster by it. */
const clusterObjects = (pools: readonly PrintedPool[]): readonly KubernetesObject[] => [
  custom('ClusterInformation', 'default', { clusterType: 'k8s,kdd', datastoreReady: true }),
  custom('IPAMConfig', 'default', { strictAffinity: false, autoAllocateBlocks: true }),
  ...pools.map(({ name, spec }) => custom('IPPool', name, spec)),
];

function secret({ ca, cert, key }: EtcdRequest): KubernetesObject {
  const files = Object.entries({ 'etcd-ca': ca, 'etcd-cert': cert, 'etcd-key': key }).filter(([, text]) => text !== '');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: SECRETS, namespace: NAMESPACE },
    // Empty, it would differ from what the API server stores, at each apply.
    ...(files.length > 0 && { data: Object.fromEntries(files.map(([name, text]) => [name, base64(text)])) }),
  };
}

const etcdKeys = ({ endpoints, ca, cert, key }: EtcdRequest): Readonly<Record<string, string>> => ({
  etcd_endpoints: endpoints,
  etcd_ca: ca === '' ? '' : `${ASSETS}/etcd-ca`,
  etcd_cert: cert === '' ? '' : `${ASSETS}/etcd-cert`,
  etcd_key: key === '' ? '' : `${ASSETS}/etcd-key`,
});

const poolDocuments = (pools: readonly PrintedPool[]): string =>
  `${JSON.stringify(
    pools.map(({ name, spec }) => ({ apiVersion: API_VERSION, kind: 'IPPool', metadata: { name }, spec })),
    undefined,
    2,
  )}\n`;
