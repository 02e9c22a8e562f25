import type { CniArgs } from '../../shared/cni/args.ts';
import { isTunnel } from './purpose.ts';

/** The handle that holds a container's addresses. The interface name is not part of it (as Calico). */
export const handleOf = (network: string, containerID: string): string => `${network}.${containerID}`;

/** The handle ID that early Calico versions used; DEL still releases it (as Calico). */
export const legacyHandleOf = ({ k8sPodNamespace, k8sPodName }: CniArgs, containerID: string): string =>
  k8sPodNamespace === '' || k8sPodName === '' ? containerID : `${k8sPodNamespace}.${k8sPodName}`;

/** The container ID in a handle of this network; undefined for any other handle. */
export function containerOf(handleID: string, network: string): string | undefined {
  const prefix = handleOf(network, '');
  const id = handleID.startsWith(prefix) ? handleID.slice(prefix.length) : '';
  return /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(id) && !isTunnel(id) ? id : undefined;
}
