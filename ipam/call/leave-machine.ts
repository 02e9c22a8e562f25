import { inTurnFromBlocksOn, type TurnStore } from '../../shared/datastore/in-turn.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { releaseMachine } from '../release/release-machine.ts';
import { leftMachine, type MachineCall } from './virtual-machine.ts';

/** A call that releases what a container has. */
type LeavingCall = MachineCall & { readonly store: TurnStore };

/**
 * The pod leaves its virtual machine, if it ran one: the addresses go with a machine that is deleted. `before`: when a journalled
 * release was due, nanoseconds since 1970.
 */
export async function leaveMachine(call: LeavingCall, containerID: string, before?: bigint): Promise<void> {
  const machine = await leftMachine(call, containerID);
  if (machine === undefined) return;
  const { k8sPodNamespace: namespace, k8sPodName: pod } = call.args;
  const request = { machine, namespace, pod, now: call.world.now(), before };
  const released = await inTurnFromBlocksOn(call.store, (store) =>
    transact({ ...call, store }, () => releaseMachine(request)),
  );
  call.log.info('Left the virtual machine', { handle: machine.handleID, addresses: released.join(',') });
}
