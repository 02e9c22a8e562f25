import { access } from './access.ts';
import { clusterSettings } from './cluster-settings.ts';
import { daemonSet } from './daemon-set.ts';
import { definitions } from './definitions.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { poolsFor } from './pools.ts';
import type { ManifestRequest } from './request.ts';

/** Everything to be applied, in order. Throws a Failure for pools that cannot be used. */
export function manifestDocuments(request: ManifestRequest): readonly KubernetesObject[] {
  const { etcd, crds, routing } = request;
  const pools = poolsFor(request.pools);
  const kinds = etcd === undefined && crds !== 'none' ? definitions() : [];
  if (crds === 'only') return kinds;
  const settings = clusterSettings(request, pools);
  const sharedByNodes = settings.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret');
  return [
    ...kinds,
    ...access(etcd === undefined ? 'kubernetes' : 'etcd', routing),
    ...settings,
    daemonSet(request, sharedByNodes),
  ];
}
