import type { Version } from '../../shared/datastore/query.ts';
import type { Finding } from './finding.ts';

/** How many objects a check has read. */
interface Counts {
  readonly blocks: number;
  readonly addresses: number;
  readonly handles: number;
  readonly claims: number;
  readonly endpoints: number;
  readonly pools: number;
  readonly nodes: number;
}

/** What ClusterInformation says about the cluster; empty without one. */
export interface ClusterState {
  readonly guid: string;
  readonly type: string;
  readonly version: Version;
  readonly locked: boolean;
}

/** The result of a check. */
export interface Inspection {
  /** The version of the datastore at which everything was read, for the reader. */
  readonly version: string;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly cluster: ClusterState;
  readonly counts: Counts;
  /** The node whose interfaces and routes were checked, if any. */
  readonly node: string | undefined;
  readonly findings: readonly Finding[];
}
