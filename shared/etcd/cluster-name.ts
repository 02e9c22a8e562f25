import type { Range, Read } from './key-store.ts';
import { CLUSTER_INFORMATION_KEY } from './keys.ts';

/** Finds out which store it is that answers, from what it answers anyway. */
export interface ClusterName {
  /** Hears what was read, what came of it, and etcd's own id of its cluster. */
  hear(reads: readonly Read[], ranges: readonly Range[], clusterId: bigint | undefined): void;
  /** The clusterGUID of ClusterInformation, or where there is none etcd's id; undefined until that has been read. */
  get(): string | undefined;
}

/** Nothing heard yet. */
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

/** The clusterGUID of ClusterInformation; undefined when it has none that could name anything. */
function guidOf(text: string): string | undefined {
  try {
    const guid: unknown = JSON.parse(text)?.spec?.clusterGUID;
    return typeof guid === 'string' && guid !== '' ? guid : undefined;
  } catch {
    return undefined;
  }
}
