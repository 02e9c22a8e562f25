import { type CniArgs, readCniArgs } from '../shared/cni/args.ts';
import type { NetConf } from '../shared/cni/netconf.ts';
import type { Call } from '../shared/cni/skel.ts';
import { openStore } from '../shared/etcd/client.ts';
import { readEtcdConfig } from '../shared/etcd/config.ts';
import { inTurn, type TurnStore } from '../shared/etcd/in-turn.ts';
import { takeTurn } from '../shared/host-lock.ts';
import { type Log, openLog } from '../shared/log.ts';
import { nodeName } from '../shared/node-name.ts';
import type { World } from '../shared/world.ts';
import { handleOf } from './asked.ts';

/** A call in all must end within this, or say why. */
const CALL_LIMIT_MS = 60_000;

/** One call's means: who asks, the datastore, the log and until when. Whoever opens it closes the store. */
export interface Session {
  readonly world: World;
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly node: string;
  readonly handleID: string;
  readonly store: TurnStore;
  readonly log: Log;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
}

/** Reads and checks all that can be checked before any work; connects to nothing yet. */
export function openSession({ world, cmd, conf }: Call, limit = CALL_LIMIT_MS): Session {
  const args = readCniArgs(cmd.args, { ignoreUnknown: false });
  const log = openLog(world, conf.log, 'ipam').with({ ContainerID: cmd.containerID });
  const line = () => takeTurn(conf.ipamLockFile, log);
  const store = inTurn(openStore(readEtcdConfig(conf, world.env), world, log), line);
  return {
    world,
    conf,
    args,
    node: nodeName(conf),
    handleID: handleOf(conf.name, cmd.containerID),
    store,
    log,
    deadline: world.elapsed() + limit,
  };
}
