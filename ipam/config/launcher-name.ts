import type { CniArgs } from '../../shared/cni/args.ts';

/** The pod of a call. */
export type PodArgs = Pick<CniArgs, 'k8sPodName' | 'k8sPodNamespace'>;

const PREFIX = 'virt-launcher-';

/** Whether a pod may run a virtual machine, by its name: no other pod is asked about (as Calico). */
export const mayRunMachine = ({ k8sPodName, k8sPodNamespace }: PodArgs): boolean =>
  k8sPodNamespace !== '' && k8sPodName.startsWith(PREFIX);

/** The virtual machine in a launcher's name, `virt-launcher-NAME-SUFFIX`; '' in any other name. */
export function machineInName(pod: string): string {
  const end = pod.lastIndexOf('-');
  return pod.startsWith(PREFIX) && end < pod.length - 1 ? pod.slice(PREFIX.length, end) : '';
}
