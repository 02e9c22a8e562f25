import { CLUSTER_INFORMATION_KEY } from '../shared/calico/keys.ts';
import { CniError, ErrorCode, toCniError } from '../shared/cni/error.ts';
import { readNetConf } from '../shared/cni/netconf-read.ts';
import { conclude } from '../shared/cni/skel.ts';
import { openStore } from '../shared/etcd/client.ts';
import { readEtcdConfig } from '../shared/etcd/config.ts';
import { transact } from '../shared/etcd/transaction.ts';
import { type Outcome, one, type Plan } from '../shared/etcd/view.ts';
import { silent } from '../shared/log.ts';
import type { World } from '../shared/world.ts';
import { requireReady } from './cluster.ts';

/** How long `calico -t` waits for an answer (the original's limit). */
const LIMIT_MS = 2_000;

/** `calico -t`: whether the datastore of the configuration on standard input answers and is ready. Code 100 with the reason if not. */
export function testDatastore(world: World): Promise<number> {
  return conclude(world, async () => {
    try {
      await ask(world);
      return '';
    } catch (error) {
      const { message } = toCniError(error);
      throw new CniError(ErrorCode.datastoreTest, 'data store connection failed', message, error);
    }
  });
}

async function ask(world: World): Promise<void> {
  const store = openStore(readEtcdConfig(readNetConf(world.stdin()), world.env), world, silent);
  try {
    const deadline = world.elapsed() + LIMIT_MS;
    await transact({ store, world, deadline, log: silent }, [one(CLUSTER_INFORMATION_KEY)], readiness);
  } finally {
    store.close();
  }
}

function* readiness(): Plan<Outcome<undefined>> {
  requireReady(yield [one(CLUSTER_INFORMATION_KEY)]);
  return { writes: [], answer: undefined };
}
