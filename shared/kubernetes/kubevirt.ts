import type { Kubernetes } from './client.ts';
import { type Launcher, type Machine, readLauncher, readMachine } from './virtual-machine.ts';

/** A pod that may run a virtual machine; undefined when there is none. */
export async function findLauncher(
  kubernetes: Kubernetes,
  namespace: string,
  name: string,
): Promise<Launcher | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
  const pod = await kubernetes.find(path, { verb: 'get', resource: 'pods', name });
  return typeof pod === 'string' ? undefined : readLauncher(pod.body);
}

/** A VirtualMachineInstance or VirtualMachine, or which of it is missing. */
export async function findMachine(
  kubernetes: Kubernetes,
  resource: 'virtualmachineinstances' | 'virtualmachines',
  namespace: string,
  name: string,
): Promise<Machine | 'object missing' | 'kind missing'> {
  const path = `/apis/kubevirt.io/v1/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`;
  const machine = await kubernetes.find(path, { verb: 'get', group: 'kubevirt.io', resource, name });
  return typeof machine === 'string' ? machine : readMachine(machine.body);
}
