import { requireHandleStorable } from '../../shared/calico/object-name.ts';
import { datastoreType } from '../../shared/call/datastore-type.ts';
import { requireIpamOn } from '../../shared/call/ipam-switch.ts';
import { nodeName } from '../../shared/call/node-name.ts';
import { openStoreAndLog, type StoreAndLog } from '../../shared/call/store-and-log.ts';
import { type CniArgs, readCniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Call } from '../../shared/cni/skel.ts';
import type { World } from '../../shared/system/world.ts';
import { handleOf } from '../block/handle-id.ts';
import type { VirtualMachine } from '../config/virtual-machine.ts';

/** The time limit of a whole call. */
const CALL_LIMIT_MS = 60_000;

/** A call with datastore, log and deadline open. The caller closes the store. */
export interface Session extends StoreAndLog {
  readonly world: World;
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly node: string;
  readonly handleID: string;
  /** The virtual machine whose pod this is, once an ADD or CHECK has found it. */
  readonly machine?: VirtualMachine;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
}

/** Verbs that assign addresses, or ask whether that is possible. */
const ASSIGNING = ['ADD', 'STATUS'];

/** Reads and validates the input. Connects to nothing yet. */
export async function openSession(call: Call, limit = CALL_LIMIT_MS): Promise<Session> {
  const { world, cmd, conf } = call;
  const args = readCniArgs(cmd.args, { ignoreUnknown: false });
  const handleID = handleOf(conf.name, cmd.containerID);
  if (ASSIGNING.includes(world.env['CNI_COMMAND'] ?? '') && datastoreType(conf, world.env) === 'kubernetes') {
    requireIpamOn(world.env);
    requireHandleStorable(handleID, conf.name);
  }
  const node = nodeName(conf);
  return {
    world,
    conf,
    args,
    node,
    handleID,
    ...(await openStoreAndLog(call, node, 'ipam', { ContainerID: cmd.containerID })),
    deadline: world.elapsed() + limit,
  };
}
