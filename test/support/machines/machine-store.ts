import type { CallChanges } from '../calls/containers.ts';
import type { Host } from '../host/host.ts';
import type { Conf } from '../stored/cluster.ts';

export type StoreName = 'etcd' | 'kubernetes';

/** The datastore that all machines reach, at the router. */
export interface MachineStore {
  readonly name: StoreName;
  /** Writes on a machine what its programs need to reach it, and returns their environment. */
  furnish(host: Host): Readonly<Record<string, string>>;
  /** The network configuration of a machine's plugin. */
  conf(machine: string): Conf;
  /** Makes a pod's objects, and says what a call for it changes. */
  forPod(machine: string): Promise<CallChanges>;
  /** What exists of a machine before Calico comes. */
  addNode(machine: string): Promise<void>;
  /** Removes that again. */
  removeNode(machine: string): Promise<void>;
  /** Makes a password for BGP where machines look for it. */
  addPassword(hosts: readonly Host[], name: string, key: string, text: string): Promise<void>;
  /** Ends the server, so that connections are refused, or freezes it, so that they are not answered. */
  leave(how: 'refused' | 'frozen'): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}
