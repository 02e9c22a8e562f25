import { mayRunMachine } from '../config/launcher-name.ts';
import type { VirtualMachine } from '../config/virtual-machine.ts';
import type { LeavingCall } from './leave-machine.ts';
import type { MachineCall } from './virtual-machine.ts';

/*
 * What calls do for the pods of virtual machines. Other pods cost a look at their name: no request, and no code to load. Only the
 * Kubernetes datastore, which has `api`, keeps addresses for machines.
 */

const isLauncher = ({ api, args }: Pick<MachineCall, 'api' | 'args'>): boolean =>
  api !== undefined && mayRunMachine(args);

type Served = { readonly machine?: VirtualMachine };

/** An ADD with the virtual machine whose pod it is for, if any. Throws a Failure in Calico's words. */
export async function withMachine<C extends MachineCall & Served>(
  call: C,
  options = { podMustExist: false },
): Promise<C> {
  if (!isLauncher(call)) return call;
  const { servedMachine } = await import('./virtual-machine.ts');
  const machine = await servedMachine(call, options);
  return machine === undefined ? call : { ...call, machine };
}

/** Follows the commit of an ADD: the machine's handle leads to these addresses, whatever other ADDs for the machine do at the same time. */
export async function leadToAddresses<C extends MachineCall & Served>(
  call: C,
  addresses: readonly string[],
): Promise<void> {
  if (call.machine === undefined || call.store.isTransactional !== false) return;
  const { leadMachine } = await import('./virtual-machine.ts');
  await leadMachine(call, call.machine, addresses);
}

/** A CHECK with the virtual machine that its pod names. */
export async function withCheckedMachine<C extends MachineCall & Served>(call: C): Promise<C> {
  if (!isLauncher(call)) return call;
  const { namedMachine } = await import('./virtual-machine.ts');
  const machine = await namedMachine(call);
  return machine === undefined ? call : { ...call, machine };
}

/**
 * The pod of a DEL leaves its virtual machine, if it ran one: the addresses go with a machine that is deleted. `before`: when a
 * journalled release was due, nanoseconds since 1970.
 */
export async function leaveMachine(call: LeavingCall, containerID: string, before?: bigint): Promise<void> {
  if (!isLauncher(call)) return;
  const leaving = await import('./leave-machine.ts');
  await leaving.leaveMachine(call, containerID, before);
}
