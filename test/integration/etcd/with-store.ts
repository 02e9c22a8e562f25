import { openKeyStore } from '../../../shared/etcd/client.ts';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import type { KeyStore } from '../../../shared/etcd/key-store.ts';
import { silent } from '../../../shared/log/log.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

/** A process in which time passes. */
export const world = { ...fakeWorld({}), elapsed: () => performance.now() };

/** The deadline of a request that etcd answers. */
export const soon = (): number => performance.now() + 5000;

/** Some work with a key store that is closed after it. */
export async function withStore<T>(config: EtcdConfig, work: (store: KeyStore) => Promise<T>): Promise<T> {
  const store = openKeyStore(config, world, silent);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
