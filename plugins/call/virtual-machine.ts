import { leaveMachine } from '../../ipam/call/leave-machine.ts';
import { servedMachine } from '../../ipam/call/virtual-machine.ts';
import type { Session } from './session.ts';

/** The session with the virtual machine whose pod it is for, if any. Reads nothing for other pods. */
export async function withMachine(session: Session): Promise<Session> {
  if (session.conf.ipam.type !== 'calico-ipam') return session;
  const machine = await servedMachine(session);
  return machine === undefined ? session : { ...session, machine };
}

/** Releases what the container has as the pod of a virtual machine. */
export async function leaveMachineOf(session: Session, before: bigint | undefined): Promise<void> {
  const { identity, conf } = session;
  if (conf.ipam.type !== 'calico-ipam') return;
  // The identity may be that of a journal entry, for another pod than the call's.
  const args = { k8sPodNamespace: identity.namespace, k8sPodName: identity.pod };
  await leaveMachine({ ...session, args }, identity.containerID, before);
}
