import { Failure } from '../error/failure.ts';
import { metadataText } from './metadata.ts';
import { type Reading, readAll } from './reading.ts';
import type { ApiRequest } from './resource-access.ts';

/** Names without the objects' content. */
const NAMES = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PAGE = 500;

/**
 * KubeVirt's machines and their instances, as `namespace/name`; none in a cluster without KubeVirt. Undefined when they may not be
 * read.
 */
export async function virtualMachines(
  reading: Pick<Reading, 'requests' | 'heard'>,
  deadline: number,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const lists = ['virtualmachines', 'virtualmachineinstances'].map((kind) =>
      readAll(reading, listOf(kind), deadline),
    );
    const objects = (await Promise.all(lists)).flat();
    return new Set(objects.map((object) => `${metadataText(object, 'namespace')}/${metadataText(object, 'name')}`));
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'datastore refuses') return undefined;
    throw thrown;
  }
}

const listOf = (resource: string): ApiRequest => ({
  asked: { verb: 'list', group: 'kubevirt.io', resource, name: '' },
  method: 'GET',
  path: `/apis/kubevirt.io/v1/${resource}?limit=${PAGE}`,
  accept: NAMES,
});
