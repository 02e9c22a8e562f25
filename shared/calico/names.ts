import { utf8Length } from '../bytes/text.ts';
import { failure } from '../error/failure.ts';
import { labelFaults } from './labels.ts';

/** The parts of a WorkloadEndpoint's name. */
export interface EndpointName {
  readonly node: string;
  readonly orchestrator: string;
  /** The pod, or the container's id without Kubernetes. */
  readonly workload: string;
  /** CNI_IFNAME. */
  readonly endpoint: string;
}

/** The names of a stored endpoint; '' for a name that is not set. */
export interface StoredNames {
  readonly endpointName: string;
  readonly orchestrator: string;
  readonly node: string;
  readonly containerID: string;
  readonly pod: string;
  readonly endpoint: string;
  readonly hostVeth: string;
}

interface Segment {
  readonly field: string;
  readonly value: string;
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const NAME = new RegExp(`^${SUBDOMAIN}$`);
const CONTAINER_ID = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const INTERFACE = /^[a-zA-Z0-9_.-]{1,15}$/;
const MAX_NAME_BYTES = 253;

/** What Calico calls the third segment of a name. */
const WORKLOAD_FIELD: Readonly<Record<string, string>> = { k8s: 'pod', cni: 'containerID', libnetwork: 'orchestrator' };

/** e.g. `node--1-k8s-web--0-eth0`; throws when a part is empty, or begins or ends with a dash. */
export function endpointName(name: EndpointName): string {
  return join(segments(name), 'error constructing WorkloadEndpoint name');
}

/** The prefix of the names of all this workload's endpoints, e.g. `node--1-k8s-web--0-`; up to the first empty part. */
export function endpointPrefix(name: EndpointName): string {
  const parts = segments({ ...name, endpoint: '' });
  const firstEmpty = parts.findIndex(({ value }, index) => index > 0 && value === '');
  return `${join(parts.slice(0, firstEmpty), 'error constructing WorkloadEndpoint prefix')}-`;
}

/** The parts of a name: `--` stands for a dash, a single dash separates. Undefined unless there are four. */
export function parseEndpointName(text: string): EndpointName | undefined {
  const [node, orchestrator, workload, endpoint, ...rest] = splitName(text);
  if (orchestrator === undefined || workload === undefined || endpoint === undefined) return undefined;
  return rest.length === 0 ? { node, orchestrator, workload, endpoint } : undefined;
}

function splitName(text: string): [string, ...string[]] {
  const parts: [string, ...string[]] = [''];
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    // As in Calico, the first character never separates.
    const isDash = char === '-' && at > 0;
    if (isDash && text[at + 1] !== '-') parts.push('');
    else parts[parts.length - 1] += char;
    if (isDash && text[at + 1] === '-') at++;
  }
  return parts;
}

/** The host end of a container's pair without Kubernetes: `cali` and the first 11 characters of the container's id. */
export const hostVethName = (containerID: string): string => `cali${containerID.slice(0, 11)}`;

/** Throws, in Calico's words and naming every field, when Calico would refuse the endpoint for its names. */
export function requireStorable(
  names: StoredNames,
  profiles: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): void {
  refuseFaults([
    ...metadataFaults(names.endpointName),
    ...tagFault('Orchestrator', names.orchestrator, 'name', NAME),
    ...tagFault('Node', names.node, 'name', NAME),
    ...tagFault('ContainerID', names.containerID, 'containerID', CONTAINER_ID),
    ...tagFault('Pod', names.pod, 'name', NAME),
    ...tagFault('Endpoint', names.endpoint, 'name', NAME),
    ...profiles.flatMap((profile, index) => tagFault(`Profiles[${index}]`, profile, 'name', NAME)),
    ...tagFault('InterfaceName', names.hostVeth, 'interface', INTERFACE),
    ...labelFaults(labels),
  ]);
}

/** Throws, in Calico's words, when Calico would refuse an endpoint for one of these labels. */
export const requireLabels = (labels: Readonly<Record<string, string>>): void => refuseFaults(labelFaults(labels));

function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw failure(
    faults.length === 1
      ? `error with field ${faults[0]}`
      : `error with the following fields:\n${faults.map((each) => `-  ${each}\n`).join('')}`,
    'Node, container, interface and network are part of the stored name, namespace and labels are stored as labels; nothing was stored',
  );
}

function metadataFaults(name: string): string[] {
  const excess = utf8Length(name) - MAX_NAME_BYTES;
  const reasons = [
    ...(excess > 0 ? [`name is too long by ${excess} bytes`] : []),
    ...(NAME.test(name)
      ? []
      : [`name must consist of lower case alphanumeric characters, '-' or '.' (regex: ${SUBDOMAIN})`]),
  ];
  return reasons.map((reason) => fault('Metadata.Name', name, reason));
}

function tagFault(field: string, value: string, tag: string, pattern: RegExp): string[] {
  if (value === '' || pattern.test(value)) return [];
  return [fault(field, value, `Reason: failed to validate Field: ${field} because of Tag: ${tag} `)];
}

const fault = (field: string, value: string, reason: string): string => `${field} = '${value}' (${reason})`;

function segments({ node, orchestrator, workload, endpoint }: EndpointName): readonly Segment[] {
  return [
    { field: 'node', value: node },
    { field: 'orchestrator', value: orchestrator },
    { field: WORKLOAD_FIELD[orchestrator] ?? 'workload', value: workload },
    { field: 'endpoint', value: endpoint },
  ];
}

function join(parts: readonly Segment[], what: string): string {
  return parts
    .map((part) => {
      const reason = segmentFault(part);
      if (reason !== undefined) throw failure(`${what}: error with field ${reason}`);
      return part.value.replaceAll('-', '--');
    })
    .join('-');
}

function segmentFault({ field, value }: Segment): string | undefined {
  // Calico reports an empty node without its value.
  if (value === '')
    return field === 'node' ? 'node (field should be assigned)' : fault(field, value, 'field should be assigned');
  if (value.startsWith('-')) return fault(field, value, "field must not begin with a '-'");
  if (value.endsWith('-')) return fault(field, value, "field must not end with a '-'");
  return undefined;
}
