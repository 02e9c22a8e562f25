import type { Range, Read } from './key-store.ts';
import { CLUSTER_INFORMATION_KEY } from './keys.ts';

/** Learns which cluster answers, from the reads of a call. */
export interface ClusterName {
  /** Notes what was read, the answer, and etcd's own id of its cluster. */
  hear(reads: readonly Read[], ranges: readonly Range[], clusterId: bigint | undefined): void;
  /** The clusterGUID of ClusterInformation, or etcd's own id when it has none; undefined until that has been read. */
  get(): string | undefined;
}

/** Nothing known yet. */
export function openClusterName(): ClusterName {
  let looked = false;
  let information: string | undefined;
  let id: bigint | undefined;
  return {
    hear(reads, ranges, clusterId) {
      id ??= clusterId;
      const at = looked ? -1 : reads.findIndex(({ from, to }) => from === CLUSTER_INFORMATION_KEY && to === undefined);
      if (at === -1) return;
      looked = true;
      information = ranges[at]?.entries[0]?.value;
    },
    get() {
      if (!looked) return undefined;
      const guid = information === undefined ? undefined : guidOf(information);
      return guid ?? (id === undefined ? undefined : `etcd-${id.toString(16)}`);
    },
  };
}

/** The clusterGUID of ClusterInformation; undefined when it has none, or an empty one. */
function guidOf(text: string): string | undefined {
  try {
    const guid: unknown = JSON.parse(text)?.spec?.clusterGUID;
    return typeof guid === 'string' && guid !== '' ? guid : undefined;
  } catch {
    return undefined;
  }
}
