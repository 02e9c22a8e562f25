import { type Containers, containersOn } from '../calls/containers.ts';
import { type Etcd, startEtcd } from '../etcd/etcd.ts';
import { type Host, startHost } from '../host/host.ts';
import { BASE, conf } from '../stored/cluster.ts';
import { readState, type State } from './state.ts';

export type { CallChanges, Container } from '../calls/containers.ts';

/** A machine with its own etcd and the cluster of the recordings. */
export interface Bed extends Omit<Containers, 'namespaces'> {
  readonly host: Host;
  readonly etcd: Etcd;
  /** Everything that a plugin may have left of the containers created here. */
  state(): Promise<State>;
  close(): Promise<void>;
}

export async function openBed(): Promise<Bed> {
  const host = await startHost();
  const etcd = await startEtcd(host);
  await etcd.put(BASE);
  const { namespaces, ...containers } = containersOn(host, conf);
  return {
    host,
    etcd,
    ...containers,
    state: () => readState(host, etcd, namespaces),
    close: async () => {
      await etcd.stop();
      await host.stop();
    },
  };
}
