import type { Version } from '../../shared/datastore/query.ts';
import type { Finding } from './finding.ts';

/** What a check has looked at, in numbers. */
interface Counts {
  readonly blocks: number;
  readonly addresses: number;
  readonly handles: number;
  readonly claims: number;
  readonly endpoints: number;
  readonly pools: number;
  readonly nodes: number;
}

/** What ClusterInformation says of the cluster; empty where there is none. */
export interface ClusterState {
  readonly guid: string;
  readonly type: string;
  readonly version: Version;
  readonly locked: boolean;
}

/** A whole check. */
export interface Inspection {
  /** The version of the datastore that all was read at, for people to see. */
  readonly version: string;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly cluster: ClusterState;
  readonly counts: Counts;
  /** The node whose interfaces and routes were looked at, if any. */
  readonly node: string | undefined;
  readonly findings: readonly Finding[];
}
