import { type CniArgs, readCniArgs } from '../shared/cni/args.ts';
import { CniError, toCniError } from '../shared/cni/error.ts';
import type { NetConf } from '../shared/cni/netconf.ts';
import type { Call } from '../shared/cni/skel.ts';
import { openStore } from '../shared/etcd/client.ts';
import { type EtcdConfig, readEtcdConfig } from '../shared/etcd/config.ts';
import { inTurn, type TurnStore } from '../shared/etcd/in-turn.ts';
import { takeTurn } from '../shared/host-lock.ts';
import { type Log, openLog } from '../shared/log.ts';
import { nodeName } from '../shared/node-name.ts';
import type { World } from '../shared/world.ts';
import { type Identity, identify } from './identity.ts';
import { podVethName } from './kubernetes/veth-name.ts';
import { requireNodenameFile } from './preconditions.ts';

/** A call in all must end within this, or say why. */
const CALL_LIMIT_MS = 60_000;

/** One call's means: who asks, the datastore, the log and until when. Whoever opens it closes the store. */
export interface Session {
  readonly world: World;
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly identity: Identity;
  readonly store: TurnStore;
  readonly log: Log;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
}

/** Reads and checks all that can be checked before any work; connects to nothing yet. */
export function openSession({ world, cmd, conf }: Call, limit = CALL_LIMIT_MS): Session {
  requireNodenameFile(conf);
  const args = readCniArgs(cmd.args, { ignoreUnknown: true });
  const identity = identify(conf, cmd, args, nodeName(conf), podVethName(world.env, args));
  const log = openLog(world, conf.log, 'cni-plugin').with({
    ContainerID: identity.containerID,
    WorkloadEndpoint: identity.endpointName,
  });
  const line = () => takeTurn(conf.ipamLockFile, log);
  const store = inTurn(openStore(etcdConfig(conf, world), world, log), line);
  return { world, conf, args, identity, store, log, deadline: world.elapsed() + limit };
}

/** ADD alone says whose configuration was wrong (the original's ADD wraps, its DEL and calico-ipam do not). */
function etcdConfig(conf: NetConf, world: World): EtcdConfig {
  try {
    return readEtcdConfig(conf, world.env);
  } catch (error) {
    const { code, message, details } = toCniError(error);
    if (world.env['CNI_COMMAND'] !== 'ADD' || !message.startsWith('could not initialize')) throw error;
    throw new CniError(code, `error creating calico client: ${message}`, details, error);
  }
}
