import type { Container, Containers } from '../../support/calls/containers.ts';
import type { Host } from '../../support/host/host.ts';
import type { Dump } from '../../support/invariants/ipam-dump.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import type { Conf } from '../../support/stored/cluster.ts';
import type { Vm } from './vm.ts';

export const DATASTORES = ['etcd', 'kubernetes'] as const;
export type DatastoreName = (typeof DATASTORES)[number];

/**
 * A machine whose cluster keeps its data in one of the datastores: a pool per family, and one whose only block belongs to
 * another node. Its network is `net1`.
 */
export interface Cluster extends Omit<Containers, 'namespaces' | 'add' | 'del'> {
  readonly datastore: DatastoreName;
  readonly host: Host;
  /** A network configuration with these keys. */
  conf(changes: Conf): Conf;
  /** Keys that name the same datastore in another way. */
  readonly respelt: Conf;
  /** What the datastore holds, as it would lie on etcd. */
  dump(): Promise<Dump>;
  /** Takes this node's blocks away: its next ADD is its first. */
  wipe(): Promise<void>;
  /** A power cut: interfaces are gone, no address is new, and the container’s pod, if it has one, has been created again. */
  cutPower(container: Container): Promise<void>;
  /** A virtual machine, where the datastore keeps addresses for them. */
  readonly vm?: Vm;
  /** Makes a container that of a pod of the virtual machine; without one, that of its own pod again. */
  runs?(container: Container, pod?: PodName): void;
  close(): Promise<void>;
}

/** Removes the host ends of all containers. */
export const NO_LINKS = 'for link in $(ip -br link | grep -o "^cali[^@ ]*"); do ip link del "$link"; done';

/** The pool whose only block belongs to another node. */
export const FOREIGN = { pool: 'z-foreign', cidr: '10.77.0.0/26' } as const;
/** Its block is empty, but not for long enough to be taken over. */
export const CLAIMED_AT = '2099-01-01T00:00:00Z';
