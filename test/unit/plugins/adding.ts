import type { AddRequest } from '../../../plugins/decide/add-decision.ts';
import type { Identity } from '../../../plugins/decide/identity.ts';
import { request } from '../../support/stored/ipam-world.ts';

/** A container on node1 without a pod. */
export const identity = (containerID: string, endpoint = 'eth0'): Identity => ({
  orchestrator: 'cni',
  node: 'node1',
  namespace: 'default',
  containerID,
  pod: '',
  workload: containerID,
  endpoint,
  endpointName: `node1-cni-${containerID}-${endpoint}`,
  endpointPrefix: `node1-cni-${containerID}-`,
  hostVeth: `cali${containerID}`,
  handleID: `net1.${containerID}`,
  legacyHandleID: containerID,
});

/** What is decided about in its ADD. */
export const adding = (who: Identity, changes: Partial<AddRequest> = {}): AddRequest => ({
  identity: who,
  content: { addresses: [], mac: '02:00:00:00:00:01', profiles: ['net1'], labels: {} },
  birth: { uid: 'u1', profileUid: 'u2', creationTimestamp: '2026-11-21T08:31:17Z' },
  profile: 'net1',
  ipam: request('node1', who.containerID),
  ownAddresses: false,
  floatingIPs: [],
  hostVethTaken: false,
  ...changes,
});
