import { failure } from '../error/failure.ts';
import { type ClientOptions, openKubernetes } from './client.ts';
import { objectReader, type PodOwner } from './objects.ts';

/** Whose the pod's name is at present; undefined when there is no such pod. */
export async function findPodOwner(
  options: ClientOptions,
  namespace: string,
  name: string,
): Promise<PodOwner | undefined> {
  const kubernetes = openKubernetes(options);
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
    const found = await kubernetes.find(path, { verb: 'get', resource: 'pods', name });
    if (found === 'object missing') return undefined;
    if (found === 'kind missing') throw failure('the server has no pods: it is not Kubernetes');
    return readPodOwner(found.body);
  } finally {
    kubernetes.close();
  }
}

/** Throws a Failure naming the invalid field. */
function readPodOwner(json: unknown): PodOwner {
  const metadata = objectReader(json, 'Pod').object('metadata');
  const created = Date.parse(metadata.text('creationTimestamp'));
  if (Number.isNaN(created)) throw metadata.refuse('creationTimestamp', 'not a time');
  const containerID = metadata.textMap('annotations')['cni.projectcalico.org/containerID'] ?? '';
  return { createdAt: BigInt(created) * 1_000_000n, containerID };
}
