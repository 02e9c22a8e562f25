import type { AnyResource } from '../resource/resource.ts';
import { objectOf, textOf } from '../resource/shape.ts';
import type { Kind } from './kind.ts';

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

/** A missing field in the original’s templates. */
const NONE = '<nil>';

/** A number as Go prints it: with an exponent from a million on. */
function goFloat(value: unknown): string {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') return textOf(value ?? NONE);
  const [digits, exponent = 0] = number.toExponential().split('e').map(Number);
  if (number === 0 || (exponent >= -4 && exponent < 6)) return String(number);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const order = (resource: AnyResource): string => goFloat(resource.spec?.['order']);

const LONGEST = 80;

/** A list's items in one cell, cut off after some. */
const shortened = (field: string) => (resource: AnyResource) => {
  const text = list(field)(resource);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
};

/** Columns of a kind without its own. */
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
  ASSIGNMENTMODE: spec('assignmentMode', 'Automatic'),
};

export const ipReservationColumns: Columns = { NAME: name, CIDRS: shortened('reservedCIDRs') };

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
  DATASTOREREADY: spec('datastoreReady', NONE),
};

export const blockAffinityColumns: Columns = {
  NAME: name,
  CIDR: spec('cidr'),
  TYPE: spec('type'),
  NODE: spec('node'),
  STATE: spec('state'),
  ORIGIN: (resource) => textOf(resource.metadata.annotations?.['calicoctl/origin'] ?? 'resource'),
};

export const tierColumns: Columns = { NAME: name, ORDER: order };

/** Columns of policies. */
export const policyColumns = (namespaced: boolean): Columns => ({
  ...plain(namespaced),
  TIER: spec('tier'),
  ORDER: order,
  SELECTOR: spec('selector'),
});

/** Columns of network sets. */
export const networkSetColumns = (namespaced: boolean): Columns => ({ ...plain(namespaced), NETS: shortened('nets') });

export const hostEndpointColumns: Columns = {
  NAME: name,
  NODE: spec('node'),
  INTERFACE: spec('interfaceName'),
  IPS: list('expectedIPs'),
  PROFILES: list('profiles'),
};

export const bgpPeerColumns: Columns = {
  NAME: name,
  PEERIP: spec('peerIP'),
  NODE: (resource) => spec('node')(resource) || spec('nodeSelector')(resource) || '(global)',
  ASN: spec('asNumber', '0'),
};

export const bgpConfigurationColumns: Columns = {
  NAME: name,
  LOGSEVERITY: spec('logSeverityScreen'),
  MESHENABLED: spec('nodeToNodeMeshEnabled', '-'),
  ASNUMBER: spec('asNumber', '-'),
};
