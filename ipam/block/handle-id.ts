import type { CniArgs } from '../../shared/cni/args.ts';

/** The handle that holds a container's addresses. The interface name is not part of it (as Calico). */
export const handleOf = (network: string, containerID: string): string => `${network}.${containerID}`;

/** The handle ID that early Calico versions used; DEL still releases it (as Calico). */
export const legacyHandleOf = ({ k8sPodNamespace, k8sPodName }: CniArgs, containerID: string): string =>
  k8sPodNamespace === '' || k8sPodName === '' ? containerID : `${k8sPodNamespace}.${k8sPodName}`;
