import { inTurnFromBlocksOn, type TurnStore } from '../../shared/datastore/in-turn.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { dropHandle, rewriteBlocks } from '../release/empty-handle.ts';
import { type MachineRelease, releaseMachine } from '../release/release-machine.ts';
import { leftMachine, type MachineCall } from './virtual-machine.ts';

/** A call that releases what a container has. */
export type LeavingCall = MachineCall & { readonly store: TurnStore };

/** The pod leaves its virtual machine, if it ran one and still has its addresses; the last pod of one that ends releases them. */
export async function leaveMachine(call: LeavingCall, containerID: string, before?: bigint): Promise<void> {
  const machine = await leftMachine(call, containerID);
  if (machine === undefined) return;
  const { k8sPodNamespace: namespace, k8sPodName: pod } = call.args;
  const request = { machine, namespace, pod, now: call.world.now(), before };
  const released = await release(call, request);
  call.log.info('Left the virtual machine', { handle: machine.handleID, addresses: released.join(',') });
}

async function release(call: LeavingCall, request: MachineRelease): Promise<readonly string[]> {
  const { released, empty } = await inTurnFromBlocksOn(call.store, (store) =>
    transact({ ...call, store }, () => releaseMachine(request)),
  );
  if (empty.length === 0) return released;
  // Another node's ADD may be about to write one of these blocks.
  const { handleID } = request.machine;
  await transact(call, () => dropHandle(handleID));
  await transact(call, () => rewriteBlocks({ handleID, blocks: empty }));
  return released;
}
