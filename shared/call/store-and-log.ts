import type { Call } from '../cni/skel.ts';
import { inTurn, type TurnStore } from '../datastore/in-turn.ts';
import { hintFile } from '../hint/hint-file.ts';
import { hintedStore } from '../hint/hinted-store.ts';
import type { ApiConnection } from '../kubernetes/api-connection.ts';
import { type Log, openLog } from '../log/log.ts';
import { isTurnTaken, takeTurn } from './host-lock.ts';
import { rememberStore } from './known-stores.ts';
import { openConfigured } from './open-datastore.ts';

/** A call's datastore, which queues with the other calls of this host where they would conflict, and its log. */
export interface StoreAndLog {
  readonly store: TurnStore;
  readonly log: Log;
  /** Marks of the endpoints that the datastore is reached at. */
  readonly endpoints: readonly string[];
  /** The way to the API server, where that is the datastore. */
  readonly api?: ApiConnection | undefined;
}

/** Opens both without connecting yet, for the calls of `node`; `labels` are added to every line of the log. The caller closes the store. */
export async function openStoreAndLog(
  { world, conf }: Pick<Call, 'world' | 'conf'>,
  node: string,
  component: 'cni-plugin' | 'ipam',
  labels: Readonly<Record<string, string>>,
): Promise<StoreAndLog> {
  const log = openLog(world, conf.log, component).with(labels);
  const { store: datastore, endpoints, api, foundGroup } = await openConfigured(conf, node, world, log);
  const hinted = hintedStore(datastore, hintFile(endpoints, node, log), node, () => world.now());
  const take = async (patience?: number) => {
    const { hasWaited, end } = await takeTurn(conf.ipamLockFile, log, patience);
    hinted.turned(hasWaited);
    return end;
  };
  const store = inTurn(hinted, { take, isTaken: () => isTurnTaken(conf.ipamLockFile) });
  const close = (): void => {
    store.close();
    rememberStore(endpoints, store.cluster(), foundGroup?.());
  };
  return { store: { ...store, close }, log, endpoints, api };
}
