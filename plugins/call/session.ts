import type { VirtualMachine } from '../../ipam/config/virtual-machine.ts';
import { type DatastoreType, datastoreType } from '../../shared/call/datastore-type.ts';
import { nodeName } from '../../shared/call/node-name.ts';
import { openStoreAndLog, type StoreAndLog } from '../../shared/call/store-and-log.ts';
import { type CniArgs, readCniArgs } from '../../shared/cni/args.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { Failure, type FailureKind } from '../../shared/error/failure.ts';
import { withContext } from '../../shared/error/failure-context.ts';
import { podVethName } from '../../shared/kubernetes/veth-name.ts';
import { type Identity, identify } from '../decide/identity.ts';
import { requireServable } from '../decide/kubernetes-datastore.ts';
import { requireNodenameFile } from './preconditions.ts';

/** The time limit of a whole call. */
const CALL_LIMIT_MS = 60_000;

/** Everything one call needs: the call, who it is for, the datastore, the log and a deadline. The caller closes the store. */
export interface Session extends StoreAndLog, Call {
  readonly args: CniArgs;
  readonly identity: Identity;
  readonly datastore: DatastoreType;
  /** The virtual machine whose pod this is, once an ADD or CHECK has found it. */
  readonly machine?: VirtualMachine;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
}

/** Reads and validates the input. Connects to nothing yet. */
export async function openSession(call: Call, limit = CALL_LIMIT_MS): Promise<Session> {
  const { world, cmd, conf } = call;
  requireNodenameFile(conf);
  const args = readCniArgs(cmd.args, { ignoreUnknown: true });
  const identity = identify(conf, cmd, args, nodeName(conf), podVethName(world.env, args));
  const datastore = datastoreType(conf, world.env);
  if (datastore === 'kubernetes') requireServable(world.env, conf, identity);
  const labels = { ContainerID: identity.containerID, WorkloadEndpoint: identity.endpointName };
  const opened = await openInAddsWords(call, identity.node, labels);
  return { world, cmd, conf, args, identity, datastore, ...opened, deadline: world.elapsed() + limit };
}

/** What is wrong with files that the configuration names. */
const MISCONFIGURED: readonly FailureKind[] = ['tls not accepted', 'file missing'];

/** Only ADD adds Calico's prefix to the error (as Calico: its DEL and calico-ipam do not). */
async function openInAddsWords(
  call: Call,
  node: string,
  labels: Readonly<Record<string, string>>,
): Promise<StoreAndLog> {
  try {
    return await openStoreAndLog(call, node, 'cni-plugin', labels);
  } catch (error) {
    const isAboutFiles = error instanceof Failure && MISCONFIGURED.includes(error.kind);
    if (call.world.env['CNI_COMMAND'] !== 'ADD' || !isAboutFiles) throw error;
    throw withContext('error creating calico client', error);
  }
}
