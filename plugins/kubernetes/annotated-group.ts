import type { Group } from '../../ipam/group/group.ts';
import { readGroup } from '../../ipam/group/read-group.ts';
import type { IpamConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Namespace, Pod } from '../../shared/kubernetes/objects.ts';
import { POD_PREFIX } from '../../shared/kubernetes/pod-annotations.ts';
import { readNote, requireCalicoIpam } from './annotation.ts';

const GROUP = `${POD_PREFIX}ipGroup`;

/** The fixed address group of a pod, else of its namespace. Throws a Failure for one that is not valid. */
export function annotatedGroup(
  ipam: Pick<IpamConf, 'type'>,
  pod: Pick<Pod, 'annotations'>,
  namespace: Namespace,
): Group | undefined {
  const own = pod.annotations[GROUP] ?? '';
  const value = own === '' ? (namespace.annotations[GROUP] ?? '') : own;
  if (value === '') return undefined;
  requireCalicoIpam('ipGroup', ipam);
  return readGroup(readNote('ipGroup', value), `annotation ${GROUP} of the ${own === '' ? 'namespace' : 'pod'}`);
}

/** Refuses a group beside an address on one pod. The address wins over a namespace's group. */
export function refuseGroupWith(others: Readonly<Record<string, string>>, pod: Pod): void {
  const [other] = Object.entries(others).find(([, value]) => value !== '') ?? [];
  if (other === undefined || (pod.annotations[GROUP] ?? '') === '') return;
  throw failure(
    `can't have both annotations: '${other}' and 'ipGroup' in use at the same time`,
    `${POD_PREFIX}${other} names the pod's address, ${GROUP} a group to take one from: remove one of them`,
  );
}
