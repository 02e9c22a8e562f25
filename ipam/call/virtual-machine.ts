import type { CniArgs } from '../../shared/cni/args.ts';
import type { Datastore } from '../../shared/datastore/datastore.ts';
import { get } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { unavailable } from '../../shared/datastore/unavailable.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { toFailure, withContext } from '../../shared/error/failure-context.ts';
import type { ClientOptions, Kubernetes } from '../../shared/kubernetes/client.ts';
import { readConfig } from '../config/ipam-config.ts';
import {
  type FoundMachine,
  instanceName,
  type Keeping,
  type LeftMachine,
  machineLeft,
  machineToServe,
  mayRunMachine,
  type VirtualMachine,
} from '../config/virtual-machine.ts';

/** A call that may be for a virtual machine's pod. Without `api` the datastore is not Kubernetes, and no machine is asked about. */
export interface MachineCall extends ClientOptions {
  readonly conf: ClientOptions['conf'] & { readonly name: string };
  readonly args: Pick<CniArgs, 'k8sPodName' | 'k8sPodNamespace'>;
  readonly store: Datastore;
}

/** Whether the call may be for a machine; for any other, nothing is read. */
const mayServeMachine = ({ api, args }: Pick<MachineCall, 'api' | 'args'>): boolean =>
  api !== undefined && mayRunMachine(args);

/** The machine whose pod this call is for; undefined for an ordinary pod, or none. Throws a Failure in Calico's words. */
export async function servedMachine(
  call: MachineCall,
  { podMustExist = false } = {},
): Promise<VirtualMachine | undefined> {
  if (!mayServeMachine(call)) return undefined;
  const { found, keeping } = await look(call);
  if (podMustExist && found.launcher === undefined) throw failure('failed to get VMI info: pod not found');
  return machineToServe(found, keeping);
}

/** The machine whose pod this DEL is for; undefined when there is nothing of a machine to release. */
export async function leftMachine(call: MachineCall, containerID: string): Promise<LeftMachine | undefined> {
  if (!mayServeMachine(call)) return undefined;
  const { found, keeping } = await look(call);
  return machineLeft(found, keeping, containerID);
}

async function look(call: MachineCall): Promise<{ readonly found: FoundMachine; readonly keeping: Keeping }> {
  const { openKubernetes } = await import('../../shared/kubernetes/client.ts');
  const kubernetes = openKubernetes(call);
  try {
    const [found, persists] = await Promise.all([findMachine(kubernetes, call), transact(call, persistence)]);
    return { found, keeping: { network: call.conf.name, persists } };
  } catch (thrown) {
    throw silenceOf(withContext('failed to get VMI info', thrown));
  } finally {
    kubernetes.close();
  }
}

/** KubeVirt gives a VirtualMachine and its instance one name: both are read at once. */
async function findMachine(kubernetes: Kubernetes, { args }: MachineCall): Promise<FoundMachine> {
  const { k8sPodNamespace: namespace, k8sPodName: pod } = args;
  const launcher = await kubernetes.launcher(namespace, pod);
  const name = instanceName(pod, launcher);
  const none = { namespace, pod, launcher, instance: undefined, machine: undefined, isInstalled: true };
  if (name === '') return none;
  const both = Promise.all([
    kubernetes.machine('virtualmachineinstances', namespace, name),
    kubernetes.machine('virtualmachines', namespace, name),
  ]);
  // A pod that is gone may have run no machine at all: a right that is missing must not block its DEL.
  const [instance, machine] = await (launcher === undefined ? both.catch(unknownWhereRefused) : both);
  if (instance === 'kind unknown' || machine === 'kind unknown') return { ...none, isInstalled: false };
  const owner = instance?.owner?.name ?? name;
  const owning = owner === name ? machine : await kubernetes.machine('virtualmachines', namespace, owner);
  return { ...none, instance, machine: owning === 'kind unknown' ? undefined : owning };
}

function unknownWhereRefused(thrown: unknown): readonly ['kind unknown', 'kind unknown'] {
  if (toFailure(thrown).kind !== 'api server refuses') throw thrown;
  return ['kind unknown', 'kind unknown'];
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
