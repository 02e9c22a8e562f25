import type { CniArgs } from '../../shared/cni/args.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import type { Launcher, Machine } from '../../shared/kubernetes/virtual-machine.ts';

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
  /** The machine is deleted or being deleted: its addresses go with its last pod. */
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
  /** Whether the cluster has KubeVirt's kinds: without them, a machine that is not found may exist nevertheless. */
  readonly isInstalled: boolean;
}

/** How a network keeps the addresses of machines. */
export interface Keeping {
  readonly network: string;
  /** kubeVirtVMAddressPersistence */
  readonly persists: boolean;
}

const LAUNCHER = /^virt-launcher-(.+)-[a-z0-9]+$/;
/** The longest handle of a machine; the original's short form of a longer one is no object's name. */
const MOST = 128;

/** Whether a pod may run a virtual machine, by its name: no other pod is asked about. */
export const mayRunMachine = ({ k8sPodName, k8sPodNamespace }: Pick<CniArgs, 'k8sPodName' | 'k8sPodNamespace'>) =>
  k8sPodNamespace !== '' && k8sPodName.startsWith('virt-launcher-');

/** The instance that a pod runs: its owner, or what its name says once the pod is gone. '' for a pod that runs none. */
export const instanceName = (pod: string, launcher: Launcher | undefined): string =>
  launcher === undefined ? (LAUNCHER.exec(pod)?.[1] ?? '') : (launcher.instance?.name ?? '');

const handleOfMachine = ({ network }: Keeping, { namespace, pod, launcher }: FoundMachine): string =>
  `${network || 'k8s-pod-network'}.vmi.${namespace}.${instanceName(pod, launcher)}`;

/** The machine that an ADD serves; undefined for an ordinary pod. Throws a Failure in Calico's words when it may not be served. */
export function machineToServe(found: FoundMachine, keeping: Keeping): VirtualMachine | undefined {
  const { launcher, instance, namespace } = found;
  const owner = launcher?.instance;
  if (launcher === undefined || owner === undefined) return undefined;
  const isTarget = launcher.migration !== '';
  const attributes = { 'vmi-name': owner.name, 'vmi-uid': owner.uid };
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
    handleID: storable(handleOfMachine(keeping, found)),
    attributes: {
      ...attributes,
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

/**
 * The machine that a DEL leaves; undefined when there is nothing of a machine to release, or when another container of the pod has
 * its addresses by now. Needs neither pod nor instance: what is gone counts as deleted. A machine that restarts keeps its name, so a
 * living VirtualMachine of that name keeps the addresses.
 */
export function machineLeft(found: FoundMachine, keeping: Keeping, containerID: string): LeftMachine | undefined {
  const { launcher, pod } = found;
  if (!keeping.persists || !found.isInstalled || instanceName(pod, launcher) === '') return undefined;
  const shownFor = launcher?.shownFor ?? '';
  if (shownFor !== '' && shownFor !== containerID) return undefined;
  const handleID = handleOfMachine(keeping, found);
  return handleID.length > MOST ? undefined : { handleID, isEnding: !isAlive(found) };
}

function isAlive({ instance, machine }: FoundMachine): boolean {
  if (instance !== undefined && instance.owner === undefined) return !instance.isBeingDeleted;
  if (machine === undefined || machine.isBeingDeleted) return false;
  return instance?.owner === undefined || instance.owner.uid === machine.uid;
}
