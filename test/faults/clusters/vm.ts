import type { Kubernetes } from '../../support/kubernetes/api-server.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import { defineKubeVirt, kubeVirtOn } from '../../support/kubernetes-datastore/virtual-machines.ts';

/** The virtual machine's first pod, one that replaces it, and the target of a migration. */
const SUFFIXES = { first: 'aaaaa', next: 'bbbbb', target: 'ccccc' } as const;
export type VmPod = keyof typeof SUFFIXES;

/** A virtual machine whose pods all exist, so that they are no leftovers. */
export interface Vm {
  readonly pods: Readonly<Record<VmPod, PodName>>;
  /** Makes it anew: from here on it lives. */
  renew(): Promise<void>;
  /** From here on it is being deleted, so that its last pod releases its addresses. */
  end(): Promise<void>;
}

export async function openVm(kubernetes: Kubernetes): Promise<Vm> {
  await defineKubeVirt(kubernetes.ask);
  const kubeVirt = kubeVirtOn(kubernetes);
  const podOf = (suffix: string): PodName => ({ namespace: 'prod', pod: `virt-launcher-vm1-${suffix}` });
  const pods = { first: podOf(SUFFIXES.first), next: podOf(SUFFIXES.next), target: podOf(SUFFIXES.target) };
  let machine = await kubeVirt.machine('vm1');
  const launch = async () => {
    const instance = await kubeVirt.instance('vm1', machine);
    for (const pod of Object.values(pods)) await kubeVirt.removePod(pod);
    await kubeVirt.launcher(instance, SUFFIXES.first);
    await kubeVirt.launcher(instance, SUFFIXES.next);
    await kubeVirt.launcher(instance, SUFFIXES.target, 'node1', 'm-1');
  };
  await launch();
  return {
    pods,
    renew: async () => {
      await kubeVirt.removeAll();
      machine = await kubeVirt.machine('vm1');
      await launch();
    },
    end: () => kubeVirt.startDeletion(machine),
  };
}
