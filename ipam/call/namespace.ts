import type { CniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { withContext } from '../../shared/error/failure-context.ts';
import type { ClientOptions } from '../../shared/kubernetes/client.ts';

/** Whether a pool's namespaceSelector applies: only when Kubernetes is configured (as Calico). */
export const knowsNamespaces = ({ kubernetes, policy }: Pick<NetConf, 'kubernetes' | 'policy'>): boolean =>
  kubernetes.kubeconfig !== '' || policy.type === 'k8s';

/** The labels of the pod's namespace (`default` without a pod), for namespaceSelector. Throws a Failure naming the namespace. */
export async function namespaceLabels(
  options: ClientOptions,
  args: CniArgs,
): Promise<Readonly<Record<string, string>>> {
  if (!knowsNamespaces(options.conf) || args.ip !== '') return {};
  const name = args.k8sPodName !== '' && args.k8sPodNamespace !== '' ? args.k8sPodNamespace : 'default';
  const { openKubernetes } = await import('../../shared/kubernetes/client.ts');
  const kubernetes = openKubernetes(options);
  try {
    return (await kubernetes.namespace(name)).labels;
  } catch (thrown) {
    throw withContext(`failed to get namespace ${name}`, thrown);
  } finally {
    kubernetes.close();
  }
}
