import { nodeName } from '../../shared/call/node-name.ts';
import { openStoreAndLog, type StoreAndLog } from '../../shared/call/store-and-log.ts';
import { type CniArgs, readCniArgs } from '../../shared/cni/args.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { Failure } from '../../shared/error/failure.ts';
import { withContext } from '../../shared/error/to-failure.ts';
import { type Identity, identify } from '../decide/identity.ts';
import { podVethName } from '../kubernetes/veth-name.ts';
import { requireNodenameFile } from './preconditions.ts';

/** A call in all must end within this, or say why. */
const CALL_LIMIT_MS = 60_000;

/** Everything one call needs: the call, who it is for, the datastore, the log and a deadline. The caller closes the store. */
export interface Session extends StoreAndLog, Call {
  readonly args: CniArgs;
  readonly identity: Identity;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
}

/** Reads and checks all that can be checked before any work; connects to nothing yet. */
export function openSession(call: Call, limit = CALL_LIMIT_MS): Session {
  const { world, cmd, conf } = call;
  requireNodenameFile(conf);
  const args = readCniArgs(cmd.args, { ignoreUnknown: true });
  const identity = identify(conf, cmd, args, nodeName(conf), podVethName(world.env, args));
  const labels = { ContainerID: identity.containerID, WorkloadEndpoint: identity.endpointName };
  const opened = openInAddsWords(call, labels);
  return { world, cmd, conf, args, identity, ...opened, deadline: world.elapsed() + limit };
}

/** ADD alone says whose configuration was wrong (the original's ADD wraps, its DEL and calico-ipam do not). */
function openInAddsWords(call: Call, labels: Readonly<Record<string, string>>): StoreAndLog {
  try {
    return openStoreAndLog(call, 'cni-plugin', labels);
  } catch (error) {
    const isAboutTls = error instanceof Failure && error.kind === 'tls not accepted';
    throw isAboutTls && call.world.env['CNI_COMMAND'] === 'ADD'
      ? withContext('error creating calico client', error)
      : error;
  }
}
