import type { PodName } from '../support/kubernetes/pods.ts';
import type { KubeVirtObject } from '../support/kubernetes-datastore/virtual-machines.ts';
import { addNetns } from '../support/network/netns.ts';
import type { Slot } from './model.ts';
import { type Nodes, PODS_NAMESPACE, podNamed } from './nodes.ts';

/** A pod of a machine, as its node's runtime knows it. */
export interface VmPod extends Slot {
  readonly podName: PodName;
}

/** A virtual machine that comes, restarts, migrates and goes. */
export interface Vm {
  readonly name: string;
  /** The end of its handle, and what messages call it. */
  readonly containerID: string;
  /** Undefined while there is none. */
  machine: KubeVirtObject | undefined;
  instance: KubeVirtObject | undefined;
  /** Its addresses, from its first ADD to its end. */
  addresses: readonly string[];
  /** Its pods: the one that runs it, and during a migration the target. */
  pods: readonly VmPod[];
  /** The containers of all its pods, whose releases may wait in a journal. */
  readonly containers: string[];
  /** A call that may give its addresses back is under way, or was interrupted. */
  isEnding: boolean;
}

/** Machines without any object yet. Each has a namespace on every node. */
export async function openVms({ hosts, kubeVirt }: Nodes, count: number): Promise<readonly Vm[]> {
  const names = Array.from({ length: kubeVirt === undefined ? 0 : count }, (_, at) => `vm${at}`);
  for (const name of names) for (const host of hosts) await addNetns(host, name);
  return names.map((name) => ({
    name,
    containerID: `vmi.prod.${name}`,
    machine: undefined,
    instance: undefined,
    addresses: [],
    pods: [],
    containers: [],
    isEnding: false,
  }));
}

/** A new pod of the machine on a node; `suffix` ends its name. */
export function newPod(vm: Vm, node: number): { readonly suffix: string; readonly pod: VmPod } {
  const number = vm.containers.length;
  const suffix = number.toString(36).padStart(5, '0');
  const containerID = `e${vm.name}x${String(number).padStart(6, '0')}${'0123456789abcdef'.repeat(2)}`;
  vm.containers.push(containerID);
  const pod = `virt-launcher-${vm.name}-${suffix}`;
  const it: VmPod = {
    ...{ node, containerID, netns: vm.name, name: podNamed(node, pod) },
    ...{ podName: { namespace: PODS_NAMESPACE, pod } },
    ...{ wish: {}, state: 'none', result: undefined, remembered: undefined, busy: false },
  };
  return { suffix, pod: it };
}
