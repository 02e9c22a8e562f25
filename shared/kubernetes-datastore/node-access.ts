import { sortedRecord, stringifyJson } from '../calico/json.ts';
import { asObject } from '../calico/stored.ts';
import { type Reader, reader } from '../cni/reader.ts';
import type { SeenChange } from '../datastore/datastore.ts';
import type { Entry } from '../datastore/query.ts';
import { nodeRef, type Ref, textOf } from '../datastore/ref.ts';
import type { ReadEntry } from '../datastore/watch.ts';
import { Failure, failure } from '../error/failure.ts';
import { objectReader } from '../kubernetes/objects.ts';
import { MANAGED } from './metadata.ts';
import { annotationsWith, partsFrom } from './node-spec.ts';
import type { ApiObject, ApiRequest, ResourceAccess, WriteRequest } from './resource-access.ts';

type Texts = Readonly<Record<string, string>>;

/** A node's Calico labels and annotations, each stored as a JSON map. */
const LABELS = 'projectcalico.org/labels';
const ANNOTATIONS = 'projectcalico.org/annotations';
/** Where Calico's Node lists which of its labels come from Kubernetes. */
const KUBE_LABELS = 'projectcalico.org/kube-labels';

/** What is long, and not part of Calico's Node. */
const LONG = { ...MANAGED, status: { images: true, conditions: true } } as const;

/** Nodes: Kubernetes nodes with Calico's annotations. Computed when read; only the annotations can be changed. */
export const nodeAccess: ResourceAccess = {
  get: (ref) => (ref.kind === 'Node' ? requestFor(ref.name) : undefined),
  decode,
  brief: { decode, leaveOut: { items: LONG } },
  routed: { leaveOut: LONG, read: readRouted },
  list: () => ({
    requests: [
      { asked: { verb: 'list', group: '', resource: 'nodes', name: '' }, method: 'GET', path: '/api/v1/nodes' },
    ],
  }),
  write,
};

const requestFor = (name: string): ApiRequest => ({
  asked: { verb: 'get', group: '', resource: 'nodes', name },
  method: 'GET',
  path: `/api/v1/nodes/${encodeURIComponent(name)}`,
});

function decode(object: ApiObject): Entry {
  const node = objectReader(object, 'Node');
  const metadata = node.object('metadata');
  const name = metadata.text('name');
  const [own, kube] = [metadata.textMap('annotations'), metadata.textMap('labels')];
  const annotations = { ...jsonMap(own[ANNOTATIONS]), [KUBE_LABELS]: stringifyJson(sortedRecord(kube)) };
  const value = {
    kind: 'Node',
    apiVersion: 'projectcalico.org/v3',
    metadata: {
      name,
      uid: metadata.text('uid'),
      creationTimestamp: metadata.text('creationTimestamp'),
      labels: sortedRecord(labelsOf(own, kube)),
      annotations: sortedRecord(annotations),
    },
    ...specAndStatus(node, own),
  };
  return {
    ref: nodeRef(name),
    at: `nodes/${name}`,
    value: stringifyJson(value),
    version: metadata.text('resourceVersion'),
  };
}

/** What other nodes route by: labels and spec. */
function readRouted(object: ApiObject): ReadEntry {
  const node = objectReader(object, 'Node');
  const metadata = node.object('metadata');
  const [name, own] = [metadata.text('name'), metadata.textMap('annotations')];
  const labels = labelsOf(own, metadata.textMap('labels'));
  const { spec } = specAndStatus(node, own);
  return {
    ref: nodeRef(name),
    at: `nodes/${name}`,
    fields: { kind: 'Node', metadata: { name, labels }, spec },
    version: metadata.text('resourceVersion'),
  };
}

const labelsOf = (annotations: Texts, kube: Texts): Texts => ({ ...jsonMap(annotations[LABELS]), ...kube });

function specAndStatus(node: Reader, annotations: Texts): { readonly spec: object; readonly status: object } {
  const { spec, status } = partsFrom(annotations);
  const name = node.object('metadata').text('name');
  const podCIDRs = node.object('spec').texts('podCIDRs');
  return {
    spec: { ...spec, orchRefs: [{ nodeName: name, orchestrator: 'k8s' }], ...addresses(node, asObject(spec['bgp'])) },
    status: { ...status, ...(podCIDRs.length === 0 ? {} : { podCIDRs }) },
  };
}

/** Calico's own addresses first, then Kubernetes'. */
function addresses(node: Reader, bgp: ApiObject | undefined): object {
  const own = ['ipv4Address', 'ipv6Address'].flatMap((field) => {
    const address = bgp?.[field];
    return typeof address === 'string' ? [{ address, type: 'CalicoNodeIP' }] : [];
  });
  const kube = node
    .object('status')
    .objects('addresses')
    .map((each) => ({ address: each.text('address'), type: each.text('type') }))
    .filter(({ address, type }) => KUBE_TYPES.includes(type) && !own.some((each) => each.address === address));
  const all = [...own, ...kube];
  return all.length === 0 ? {} : { addresses: all };
}

const KUBE_TYPES = ['InternalIP', 'ExternalIP'];

/** A map that cannot be read counts as empty (as Calico). */
function jsonMap(text: string | undefined): Texts {
  try {
    const map = Object.entries(asObject(JSON.parse(text ?? '{}')) ?? {});
    return Object.fromEntries(map.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

function write({ ref, next }: SeenChange, seen: ApiObject | undefined): readonly WriteRequest[] {
  if (ref.kind !== 'Node' || next === undefined) throw notSupported('Delete', ref, DELETION);
  if (seen === undefined) throw notSupported('Create', ref);
  const request = requestFor(ref.name);
  return [
    {
      asked: { ...request.asked, verb: 'update', resource: 'nodes/status' },
      method: 'PUT',
      path: `${request.path}/status`,
      body: stringifyJson(updated(seen, next)),
    },
  ];
}

/** The Kubernetes node with Calico's Node written to its annotations. */
function updated(seen: ApiObject, next: string): ApiObject {
  const node = asObject(JSON.parse(next)) ?? {};
  const metadata = objectReader(seen, 'Node').object('metadata');
  const kube = metadata.textMap('labels');
  const given = reader(node, 'Node', (why) => failure(`cannot store Node: ${why}`)).object('metadata');
  const labels = Object.entries(given.textMap('labels')).filter(([name]) => !(name in kube));
  const { [KUBE_LABELS]: _, ...own } = given.textMap('annotations');
  const annotations = {
    ...annotationsWith(metadata.textMap('annotations'), node),
    [LABELS]: stringifyJson(sortedRecord(Object.fromEntries(labels))),
    [ANNOTATIONS]: stringifyJson(sortedRecord(own)),
  };
  return { ...seen, metadata: { ...asObject(seen['metadata']), annotations } };
}

const notSupported = (operation: string, ref: Ref, where = CREATION): Failure =>
  new Failure('datastore refuses', `operation ${operation} is not supported on ${textOf(ref)}`, { where });

const CREATION = 'On the Kubernetes datastore, nodes are created with kubectl';
const DELETION =
  'On the Kubernetes datastore, delete the node with kubectl first; calicoctl delete node then releases what it left';
