import type { CniArgs } from '../../shared/cni/args.ts';

/** The handle that a container's addresses are held under: the interface's name is not part of it (as Calico). */
export const handleOf = (network: string, containerID: string): string => `${network}.${containerID}`;

/** The handle as early versions of Calico named it: still released on DEL (as Calico). */
export const legacyHandleOf = ({ k8sPodNamespace, k8sPodName }: CniArgs, containerID: string): string =>
  k8sPodNamespace === '' || k8sPodName === '' ? containerID : `${k8sPodNamespace}.${k8sPodName}`;
