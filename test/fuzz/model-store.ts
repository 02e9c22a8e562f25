import type { RemoteStore } from '../../shared/datastore/store.ts';
import type { EtcdModel } from '../support/etcd-model.ts';

/** Round trips in one call beyond which it is taken to go round in circles. */
const MOST_TRIPS = 2_000;

/** The model as the store that the plugins' own transactions work on. */
export function modelStore(model: EtcdModel): RemoteStore {
  const bounded = <T>(step: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (model.trips.length > MOST_TRIPS)
        throw new Error(`more than ${MOST_TRIPS} round trips: it goes round in circles`);
      resolve(step());
    });
  return {
    begin: async () => undefined,
    cluster: () => undefined,
    read: (reads) => bounded(() => model.read(reads)),
    commit: (compares, writes) => bounded(() => model.commit(compares, writes)),
    close: () => {},
  };
}
