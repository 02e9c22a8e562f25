import { type CniArgs, readCniArgs } from '../shared/cni/args.ts';
import type { NetConf } from '../shared/cni/netconf.ts';
import type { Call } from '../shared/cni/skel.ts';
import { openStore } from '../shared/etcd/client.ts';
import { readEtcdConfig } from '../shared/etcd/config.ts';
import type { Store } from '../shared/etcd/transaction.ts';
import { type Log, openLog } from '../shared/log.ts';
import { nodeName } from '../shared/node-name.ts';
import type { World } from '../shared/world.ts';
import { type Identity, identify } from './identity.ts';
import { requireNodenameFile } from './preconditions.ts';

/** A call in all must end within this, or say why. */
const CALL_LIMIT_MS = 60_000;

/** One call's means: who asks, the datastore, the log and until when. Whoever opens it closes the store. */
export interface Session {
  readonly world: World;
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly identity: Identity;
  readonly store: Store;
  readonly log: Log;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
}

/** Reads and checks all that can be checked before any work; connects to nothing yet. */
export function openSession({ world, cmd, conf }: Call, limit = CALL_LIMIT_MS): Session {
  requireNodenameFile(conf);
  const args = readCniArgs(cmd.args, { ignoreUnknown: true });
  const identity = identify(conf, cmd, args, nodeName(conf));
  const log = openLog(world, conf.log, 'cni-plugin').with({
    ContainerID: identity.containerID,
    WorkloadEndpoint: identity.endpointName,
  });
  const store = openStore(readEtcdConfig(conf, world.env), world, log);
  return { world, conf, args, identity, store, log, deadline: world.elapsed() + limit };
}
