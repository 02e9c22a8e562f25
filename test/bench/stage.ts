import type { Etcd } from '../support/etcd/etcd.ts';
import type { Host } from '../support/host/host.ts';
import { addNetns } from '../support/network/netns.ts';
import { clusterInformation, node, POOL4, POOL6 } from '../support/stored/cluster.ts';
import { startFreshEtcd } from './here.ts';

/** What the rows are measured on, and how thoroughly. */
export interface Stage {
  readonly host: Host;
  readonly rounds: number;
  /** Small numbers, to test the bench itself. */
  readonly quick: boolean;
  readonly time: string | undefined;
  /** For copies of the executables, on disk. */
  readonly folder: string;
}

/** The second node of the clusters, for calls without hints. */
export const OTHER_NODE = 'node2';

/** Runs `work` with an etcd that holds a ready cluster with two nodes and a pool of each family. */
export async function withCluster<T>(
  stage: Stage,
  work: (etcd: Etcd) => Promise<T>,
  start: (host: Host) => Promise<Etcd> = startFreshEtcd,
): Promise<T> {
  const etcd = await start(stage.host);
  try {
    await etcd.put({
      ...clusterInformation(),
      ...node('node1', '10.0.0.1/24'),
      ...node(OTHER_NODE, '10.0.0.2/24'),
      ...POOL4,
      ...POOL6,
    });
    return await work(etcd);
  } finally {
    await etcd.stop();
  }
}

const made = new Map<string, Promise<string>>();

/** The path of a namespace by name, created at first use. A container that goes leaves it unchanged. */
export function netnsOf(stage: Stage, name: string): Promise<string> {
  const path = made.get(name) ?? addNetns(stage.host, name);
  made.set(name, path);
  return path;
}
