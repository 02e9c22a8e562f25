import { Failure, failure } from '../../shared/error/failure.ts';
import type { Launcher, Machine } from '../../shared/kubernetes/virtual-machine.ts';
import { machineInName } from './launcher-name.ts';

/** The virtual machine of an ADD: its addresses belong to it, not to the pod. */
export interface VirtualMachine {
  readonly handleID: string;
  /** Stored with each address, beside what names the pod. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The pod is the target of a live migration: the address works elsewhere until that ends. */
  readonly isTarget: boolean;
}

/** The virtual machine of a DEL. */
export interface LeftMachine {
  readonly handleID: string;
  /** No later pod can get the addresses: they go with the last pod that has them. */
  readonly isEnding: boolean;
}

/** What the cluster holds of a pod's machine; undefined is missing. */
export interface FoundMachine {
  readonly namespace: string;
  readonly pod: string;
  readonly launcher: Launcher | undefined;
  readonly instance: Machine | undefined;
  /** The VirtualMachine that owns the instance, or has its name. */
  readonly machine: Machine | undefined;
  /** Whether KubeVirt's kinds could be read: otherwise a machine that was not found may exist nevertheless. */
  readonly isKnown: boolean;
}

/** How a network keeps the addresses of machines. */
export interface Keeping {
  readonly network: string;
  /** kubeVirtVMAddressPersistence */
  readonly persists: boolean;
}

/** The longest handle of a machine; the original's short form of a longer one is no object's name. */
const MOST = 128;

/** The machine that a pod runs: its owner, or what its name says once the pod is gone. '' for a pod that runs none. */
export const machineName = (pod: string, launcher: Launcher | undefined): string =>
  launcher === undefined ? machineInName(pod) : (launcher.instance?.name ?? '');

/** The handle of a machine's addresses (as Calico). */
const machineHandle = ({ network }: Pick<Keeping, 'network'>, namespace: string, name: string): string =>
  `${network || 'k8s-pod-network'}.vmi.${namespace}.${name}`;

/** The machine that an ADD serves; undefined for an ordinary pod. Throws a Failure in Calico's words when it may not be served. */
export function machineToServe(found: FoundMachine, keeping: Keeping): VirtualMachine | undefined {
  const { launcher, instance, namespace } = found;
  const owner = launcher?.instance;
  if (launcher === undefined || owner === undefined) return undefined;
  const isTarget = launcher.migration !== '';
  if (instance === undefined) {
    const missing = `virtualmachineinstances.kubevirt.io ${JSON.stringify(owner.name)} not found`;
    throw failure(`failed to get VMI info: failed to query VMI resource ${namespace}/${owner.name}: ${missing}`);
  }
  if (instance.uid !== owner.uid) {
    const both = `pod ownerReference has ${owner.uid} but VMI resource has ${instance.uid}`;
    throw failure(`failed to get VMI info: VMI UID mismatch: ${both}`);
  }
  if (!keeping.persists && isTarget) throw failure(REFUSED, 'kubeVirtVMAddressPersistence in IPAM’s configuration');
  if (!keeping.persists) return undefined;
  return {
    handleID: storable(machineHandle(keeping, namespace, owner.name)),
    attributes: {
      'vmi-name': owner.name,
      'vmi-uid': owner.uid,
      ...(instance.owner === undefined ? {} : { 'vm-uid': instance.owner.uid }),
      ...(isTarget ? { 'vmim-uid': launcher.migration } : {}),
    },
    isTarget,
  };
}

const REFUSED = 'live migration target pod is not allowed when KubeVirtVMAddressPersistence is disabled';

function storable(handleID: string): string {
  if (handleID.length <= MOST) return handleID;
  throw new Failure('datastore refuses', `the names of the virtual machine are too long: ${handleID}`, {
    where: `network, namespace and machine may have ${MOST} characters together: the Kubernetes datastore cannot hold the short form`,
    remedy: 'give the machine a shorter name, or set kubeVirtVMAddressPersistence: Disabled',
  });
}

/** The machine of a pod that has its addresses already: only its name matters. */
export function machineNamed(
  { namespace, launcher }: Pick<FoundMachine, 'namespace' | 'launcher'>,
  keeping: Pick<Keeping, 'network'>,
): VirtualMachine | undefined {
  const name = launcher?.instance?.name;
  if (launcher === undefined || name === undefined) return undefined;
  return {
    handleID: machineHandle(keeping, namespace, name),
    attributes: {},
    isTarget: launcher.migration !== '',
  };
}

/**
 * The machine that a DEL leaves; undefined when there is nothing of a machine to release, or when another container of the pod has
 * its addresses by now. Needs neither pod nor instance: what is gone counts as deleted. A machine that restarts keeps its name, so a
 * living VirtualMachine of that name keeps the addresses. Where machines keep none, what they got before goes with their pod.
 */
export function machineLeft(found: FoundMachine, keeping: Keeping, containerID: string): LeftMachine | undefined {
  const { launcher, pod, namespace } = found;
  const name = machineName(pod, launcher);
  if (!found.isKnown || name === '') return undefined;
  const shownFor = launcher?.shownFor ?? '';
  if (shownFor !== '' && shownFor !== containerID) return undefined;
  const handleID = machineHandle(keeping, namespace, name);
  const isEnding = !keeping.persists || !isAlive(found);
  return handleID.length > MOST ? undefined : { handleID, isEnding };
}

/** Whether a later pod of the machine may ask for its addresses. */
function isAlive({ instance, machine }: Pick<FoundMachine, 'instance' | 'machine'>): boolean {
  if (instance !== undefined && instance.owner === undefined) return !instance.isBeingDeleted;
  if (machine === undefined || machine.isBeingDeleted) return false;
  return instance?.owner === undefined || instance.owner.uid === machine.uid;
}
