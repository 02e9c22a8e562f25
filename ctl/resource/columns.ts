import type { Kind } from './kind.ts';
import type { AnyResource } from './resource.ts';
import { objectOf, textOf } from './shape.ts';

type Columns = Kind['columns'];

/** A field of spec, '' when absent. */
const spec =
  (field: string, absent = '') =>
  (resource: AnyResource) =>
    textOf(resource.spec?.[field] ?? absent);

/** A field of an object within spec. */
const inner = (outer: string, field: string) => (resource: AnyResource) =>
  textOf(objectOf(resource.spec?.[outer])?.[field]);

const list = (field: string) => (resource: AnyResource) => {
  const items = resource.spec?.[field];
  return Array.isArray(items) ? items.map(printed).join(',') : '';
};

/** An object in a list as Go prints it: its values in braces. */
const printed = (item: unknown): string => {
  const fields = objectOf(item);
  return fields === undefined ? textOf(item) : `{${Object.values(fields).map(textOf).join(' ')}}`;
};

const name = (resource: AnyResource): string => textOf(resource.metadata.name);
const NAMESPACE = (resource: AnyResource): string => textOf(resource.metadata.namespace);

/** Columns of a kind nothing more is known of. */
export const plain = (namespaced: boolean): Columns => (namespaced ? { NAMESPACE, NAME: name } : { NAME: name });

export const ipPoolColumns: Columns = {
  NAME: name,
  CIDR: spec('cidr'),
  NAT: spec('natOutgoing', 'false'),
  IPIPMODE: spec('ipipMode', 'Never'),
  VXLANMODE: spec('vxlanMode', 'Never'),
  DISABLED: spec('disabled', 'false'),
  DISABLEBGPEXPORT: spec('disableBGPExport', 'false'),
  SELECTOR: spec('nodeSelector', 'all()'),
};

const LONGEST = 80;

export const ipReservationColumns: Columns = {
  NAME: name,
  CIDRS: (resource) => {
    const text = list('reservedCIDRs')(resource);
    return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
  },
};

export const ipamConfigurationColumns: Columns = {
  NAME: name,
  STRICTAFFINITY: spec('strictAffinity', 'false'),
  AUTOALLOCATEBLOCKS: spec('autoAllocateBlocks', 'false'),
  MAXBLOCKSPERHOST: spec('maxBlocksPerHost', '0'),
};

export const nodeColumns: Columns = {
  NAME: name,
  ASN: (resource, { asNumber }) => {
    if (objectOf(resource.spec?.['bgp']) === undefined) return '';
    return inner('bgp', 'asNumber')(resource) || `(${asNumber})`;
  },
  IPV4: inner('bgp', 'ipv4Address'),
  IPV6: inner('bgp', 'ipv6Address'),
};

export const profileColumns: Columns = {
  NAME: name,
  LABELS: (resource) => {
    const labels = Object.entries(objectOf(resource.spec?.['labelsToApply']) ?? {});
    const texts = labels.map(([label, value]) => `${label}=${textOf(value)}`);
    return texts.sort().join(',');
  },
};

export const workloadEndpointColumns: Columns = {
  NAME: name,
  NAMESPACE,
  NODE: spec('node'),
  ORCHESTRATOR: spec('orchestrator'),
  WORKLOAD: (resource) => spec('workload')(resource) || spec('pod')(resource),
  NETWORKS: list('ipNetworks'),
  NATS: list('ipNATs'),
  PROFILES: list('profiles'),
  INTERFACE: spec('interfaceName'),
};

export const clusterInformationColumns: Columns = {
  NAME: name,
  CLUSTERGUID: spec('clusterGUID'),
  CLUSTERTYPE: spec('clusterType'),
  CALICOVERSION: spec('calicoVersion'),
  DATASTOREREADY: spec('datastoreReady', '<nil>'),
};

export const blockAffinityColumns: Columns = {
  NAME: name,
  CIDR: spec('cidr'),
  TYPE: spec('type'),
  NODE: spec('node'),
  STATE: spec('state'),
  ORIGIN: (resource) => textOf(resource.metadata.annotations?.['calicoctl/origin'] ?? 'resource'),
};
