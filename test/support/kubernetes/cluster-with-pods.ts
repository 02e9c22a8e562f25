import { type Bed, openBed } from '../bed/bed.ts';
import { openForTests } from '../bed/for-tests.ts';
import { type Kubernetes, startKubernetes } from './api-server.ts';
import { createNamespace, writeKubeconfig } from './pods.ts';

export { hasKubernetes } from './api-server.ts';

/** A machine with etcd and a real API server, the plugin's kubeconfig on it, and the namespace `prod`. */
export interface Cluster {
  readonly bed: Bed;
  readonly kubernetes: Kubernetes;
  close(): Promise<void>;
}

/** For the tests of a `describe`, until their last. */
export const clusterForTests = (): Cluster => openForTests(openCluster);

async function openCluster(): Promise<Cluster> {
  const bed = await openBed();
  const kubernetes = await startKubernetes(bed.host);
  writeKubeconfig(bed, kubernetes);
  await createNamespace(kubernetes, 'prod');
  return {
    bed,
    kubernetes,
    close: async () => {
      await kubernetes.stop();
      await bed.close();
    },
  };
}

const ENDPOINTS = '/calico/resources/v3/projectcalico.org/workloadendpoints/';

/** An endpoint as etcd holds it. */
export interface StoredEndpoint {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containerID: string;
    readonly endpoint: string;
    readonly ipNetworks: readonly string[];
    readonly interfaceName: string;
    readonly mac: string;
    readonly profiles: readonly string[];
    readonly [field: string]: unknown;
  };
}

/** Endpoints by namespace and name, as texts. */
export async function endpoints({ bed }: Pick<Cluster, 'bed'>): Promise<Readonly<Record<string, string>>> {
  const dump = await bed.etcd.dump(ENDPOINTS);
  return Object.fromEntries(Object.entries(dump).map(([key, value]) => [key.slice(ENDPOINTS.length), value]));
}

/** One pod's endpoint; undefined when there is none. */
export async function endpointOf(cluster: Pick<Cluster, 'bed'>, name: string): Promise<StoredEndpoint | undefined> {
  const text = (await endpoints(cluster))[name];
  return text === undefined ? undefined : JSON.parse(text);
}

/** The number of addresses of the handles in etcd, by container. */
export async function holders({ bed }: Pick<Cluster, 'bed'>): Promise<readonly string[]> {
  const prefix = '/calico/ipam/v2/handle/';
  return Object.keys(await bed.etcd.dump(prefix)).map((key) => key.slice(prefix.length));
}
