import { datastoreType } from '../../shared/call/datastore-type.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';

/**
 * Whether an entry keeps its data in the Kubernetes API. One that names neither a datastore nor a kubeconfig may get the endpoints
 * of etcd from the runtime's environment.
 */
export const isInKubernetes = (conf: NetConf): boolean =>
  conf.datastoreType === 'kubernetes' ||
  (conf.kubernetes.kubeconfig !== '' && datastoreType(conf, {}) === 'kubernetes');

/** Refuses a kubeconfig that is not there. Returns remarks. */
export function requireKubeconfig(
  { kubernetes: { kubeconfig } }: NetConf,
  isThere: (path: string) => boolean,
): readonly string[] {
  if (kubeconfig === '') {
    return ['the network configuration has no kubernetes.kubeconfig: the runtime’s environment must set KUBECONFIG'];
  }
  if (kubeconfig.split(':').some(isThere)) return [];
  throw failure(
    `kubernetes.kubeconfig: ${kubeconfig} is not there`,
    'put it there, or run calico-install in a pod with a service account, which writes it',
  );
}
