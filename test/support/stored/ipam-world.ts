import type { AssignRequest } from '../../../ipam/allocate/request.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const IPAM = '/calico/ipam/v2';
const SECOND = 1_000_000_000n;

/** 2026-11-21T08:31:21Z plus these seconds, in nanoseconds. */
export const at = (seconds: number): bigint => 1795249881n * SECOND + BigInt(Math.round(seconds * 1e9));

export const poolKey = (name: string): string => `${RESOURCES}/ippools/${name}`;
export const nodeKeyOf = (name: string): string => `${RESOURCES}/nodes/${name}`;
export const block = (cidr: string): string =>
  `${IPAM}/assignment/ipv${cidr.includes(':') ? 6 : 4}/block/${cidr.replace('/', '-')}`;
export const claimOn = (node: string, cidr: string): string =>
  `${IPAM}/host/${node}/ipv${cidr.includes(':') ? 6 : 4}/block/${cidr.replace('/', '-')}`;
export const handle = (handleID: string): string => `${IPAM}/handle/${handleID}`;
export const CONFIG = `${IPAM}/config`;

/** An IPPool as calicoctl stores it. */
export function pool(name: string, spec: Readonly<Record<string, unknown>>, more = {}): Record<string, string> {
  const metadata = { name, uid: '00000000-0000-0000-0000-000000000001', creationTimestamp: '2026-11-21T00:00:00Z' };
  const full = { vxlanMode: 'Never', ipipMode: 'Never', natOutgoing: true, ...spec };
  const resource = { kind: 'IPPool', apiVersion: 'projectcalico.org/v3', metadata, spec: full, ...more };
  return { [poolKey(name)]: JSON.stringify(resource) };
}

export function node(name: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  const resource = {
    kind: 'Node',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name, labels },
    spec: {},
    status: {},
  };
  return { [nodeKeyOf(name)]: JSON.stringify(resource) };
}

export function reservation(name: string, ...reservedCIDRs: readonly string[]): Record<string, string> {
  const resource = {
    kind: 'IPReservation',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name },
    spec: { reservedCIDRs },
  };
  return { [`${RESOURCES}/ipreservations/${name}`]: JSON.stringify(resource) };
}

/** A request of one IPv4 address for a container on a node. */
export function request(nodeName: string, container: string, more: Partial<AssignRequest> = {}): AssignRequest {
  const now = more.now ?? at(0);
  return {
    node: nodeName,
    handleID: `net1.${container}`,
    attributes: { node: nodeName, timestamp: `${container}@${now}` },
    families: [4],
    pools4: [],
    pools6: [],
    fixed: [],
    namespaceLabels: {},
    maxBlocks: 0,
    now,
    claimSalt: nodeName,
    ...more,
  };
}
