import type { Datastore } from '../../shared/datastore/datastore.ts';
import { get } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable, unavailable } from '../../shared/datastore/unavailable.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { toFailure, withContext } from '../../shared/error/failure-context.ts';
import { type ClientOptions, type Kubernetes, openKubernetes } from '../../shared/kubernetes/client.ts';
import { findLauncher, findMachine } from '../../shared/kubernetes/kubevirt.ts';
import type { Launcher } from '../../shared/kubernetes/virtual-machine.ts';
import { leadToAddresses } from '../allocate/machine-handle.ts';
import { readConfig } from '../config/ipam-config.ts';
import type { PodArgs } from '../config/launcher-name.ts';
import {
  type FoundMachine,
  type Keeping,
  type LeftMachine,
  machineLeft,
  machineName,
  machineNamed,
  machineToServe,
  type VirtualMachine,
} from '../config/virtual-machine.ts';

/** A call that may be for a virtual machine's pod. */
export interface MachineCall extends ClientOptions {
  readonly conf: ClientOptions['conf'] & { readonly name: string };
  readonly args: PodArgs;
  readonly store: Datastore;
}

/** The machine whose pod an ADD is for; undefined for an ordinary pod, or none. Throws a Failure in Calico's words. */
export async function servedMachine(
  call: MachineCall,
  { podMustExist }: { readonly podMustExist: boolean },
): Promise<VirtualMachine | undefined> {
  const { found, keeping } = await look(call);
  if (podMustExist && found.launcher === undefined) throw failure('failed to get VMI info: pod not found');
  return machineToServe(found, keeping);
}

/** The machine that a pod names. */
export async function namedMachine(call: MachineCall): Promise<VirtualMachine | undefined> {
  const launcher = await asking(call, (kubernetes) => launcherOf(kubernetes, call));
  return machineNamed({ namespace: call.args.k8sPodNamespace, launcher }, { network: call.conf.name });
}

/** The machine whose pod a DEL is for; undefined when there is nothing of a machine to release. */
export async function leftMachine(call: MachineCall, containerID: string): Promise<LeftMachine | undefined> {
  const { found, keeping } = await look(call);
  return machineLeft(found, keeping, containerID);
}

/** Makes the machine's handle lead to addresses that an ADD has committed. */
export const leadMachine = (
  call: MachineCall,
  { handleID }: VirtualMachine,
  addresses: readonly string[],
): Promise<void> => transact(call, () => leadToAddresses(handleID, addresses));

const look = (call: MachineCall): Promise<{ readonly found: FoundMachine; readonly keeping: Keeping }> =>
  asking(call, async (kubernetes) => {
    const [found, persists] = await Promise.all([foundFor(kubernetes, call), transact(call, persistence)]);
    return { found, keeping: { network: call.conf.name, persists } };
  });

async function asking<T>(call: MachineCall, work: (kubernetes: Kubernetes) => Promise<T>): Promise<T> {
  const kubernetes = openKubernetes(call);
  try {
    return await work(kubernetes);
  } catch (thrown) {
    throw isUnavailable(thrown) ? thrown : silenceOf(withContext('failed to get VMI info', thrown));
  } finally {
    kubernetes.close();
  }
}

const launcherOf = (kubernetes: Kubernetes, { args }: MachineCall): Promise<Launcher | undefined> =>
  findLauncher(kubernetes, args.k8sPodNamespace, args.k8sPodName);

/** KubeVirt gives a VirtualMachine and its instance one name: both are read at once. */
async function foundFor(kubernetes: Kubernetes, call: MachineCall): Promise<FoundMachine> {
  const { k8sPodNamespace: namespace, k8sPodName: pod } = call.args;
  const launcher = await launcherOf(kubernetes, call);
  const name = machineName(pod, launcher);
  const none = { namespace, pod, launcher, instance: undefined, machine: undefined, isKnown: true };
  if (name === '') return none;
  const both = Promise.all([
    findMachine(kubernetes, 'virtualmachineinstances', namespace, name),
    findMachine(kubernetes, 'virtualmachines', namespace, name),
  ]);
  // A pod that is gone may have run no machine at all: a right that is missing must not block its DEL.
  const [instance, machine] = await (launcher === undefined ? both.catch(unknownWhereRefused) : both);
  if (instance === 'kind missing' || machine === 'kind missing') return { ...none, isKnown: false };
  const its = instance === 'object missing' ? undefined : instance;
  const owner = its?.owner?.name ?? name;
  const owning = owner === name ? machine : await findMachine(kubernetes, 'virtualmachines', namespace, owner);
  return { ...none, instance: its, machine: typeof owning === 'string' ? undefined : owning };
}

function unknownWhereRefused(thrown: unknown): readonly ['kind missing', 'kind missing'] {
  if (toFailure(thrown).kind !== 'api server refuses') throw thrown;
  return ['kind missing', 'kind missing'];
}

function* persistence(): Plan<Outcome<boolean>> {
  const view = yield [get(IPAM_CONFIG)];
  return { changes: [], answer: readConfig(view).kubeVirtVMAddressPersistence !== 'Disabled' };
}

/** The API server is the datastore: a DEL that it does not answer is done later. */
function silenceOf(failure: Failure): Failure {
  if (failure.kind !== 'api server unavailable') return failure;
  return unavailable('unreachable', failure.message, failure.details ?? '', failure);
}
