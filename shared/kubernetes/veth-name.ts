import { sha1 } from '../bytes/hash.ts';
import type { CniArgs } from '../cni/args.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type PodArgs = Pick<CniArgs, 'k8sPodNamespace' | 'k8sPodName'>;

/**
 * The host end's name for a pod: FELIX_INTERFACEPREFIX up to its first comma (`cali` when unset) and 11 hex digits of a hash of
 * namespace and name (as Calico); '' when CNI_ARGS name no pod.
 */
export function podVethName(env: Environment, { k8sPodNamespace, k8sPodName }: PodArgs): string {
  if (k8sPodNamespace === '' || k8sPodName === '') return '';
  const prefix = (env['FELIX_INTERFACEPREFIX'] || 'cali').split(',')[0];
  return `${prefix}${sha1(`${k8sPodNamespace}.${k8sPodName}`).slice(0, 11)}`;
}
