import { sortedRecord, stringifyJson } from '../calico/json.ts';
import type { Entry, ListQuery } from '../datastore/query.ts';
import { profileRef, type Ref, textOf } from '../datastore/ref.ts';
import { Failure } from '../error/failure.ts';
import { objectReader } from '../kubernetes/objects.ts';
import { calicoUid } from './calico-uid.ts';
import type { ApiObject, ApiRequest, Listing, ResourceAccess } from './resource-access.ts';

type Texts = Readonly<Record<string, string>>;

const ALLOW = [{ action: 'Allow' }];
const DEFAULT_ALLOW = 'projectcalico-default-allow';

/** Profiles, which are namespaces (`kns.prod`) and service accounts (`ksa.prod.web`): computed when read, never written. */
export const profileAccess: ResourceAccess = {
  get: (ref) => (ref.kind === 'Profile' ? requestFor(ref.name) : undefined),
  decode,
  list,
  write: ({ ref, seen, next }) => {
    throw notSupported(next === undefined ? 'Delete' : seen === undefined ? 'Create' : 'Update', ref);
  },
};

function requestFor(name: string): ApiRequest | Entry | undefined {
  if (name === DEFAULT_ALLOW) return defaultAllow();
  const [, kind, namespace = '', account] = /^(kns|ksa)\.([^.]+)(?:\.(.+))?$/.exec(name) ?? [];
  const at = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  if (kind === 'kns' && account === undefined) return getting('namespaces', undefined, namespace, at);
  if (kind === 'ksa' && account !== undefined)
    return getting('serviceaccounts', namespace, account, `${at}/serviceaccounts/${encodeURIComponent(account)}`);
  return undefined;
}

const getting = (resource: string, namespace: string | undefined, name: string, path: string): ApiRequest => ({
  asked: { verb: 'get', group: '', resource, namespace, name },
  method: 'GET',
  path,
});

function list({ prefix }: ListQuery): Listing {
  const requests = ['namespaces', 'serviceaccounts'].map((resource) => ({
    asked: { verb: 'list', group: '', resource, name: '' } as const,
    method: 'GET' as const,
    path: `/api/v1/${resource}`,
  }));
  return { requests, entries: DEFAULT_ALLOW.startsWith(prefix ?? '') ? [defaultAllow()] : [] };
}

/** Only service accounts have a namespace. */
function decode(object: ApiObject): Entry {
  const metadata = objectReader(object, 'object').object('metadata');
  const [name, namespace, version] = [
    metadata.text('name'),
    metadata.text('namespace'),
    metadata.text('resourceVersion'),
  ];
  const born = { uid: calicoUid(metadata.text('uid')), creationTimestamp: metadata.text('creationTimestamp') };
  const labels = metadata.textMap('labels');
  if (namespace === '') {
    const spec = { ingress: ALLOW, egress: ALLOW, labelsToApply: toApply('pcns', name, labels) };
    return entry(`kns.${name}`, `namespaces/${name}`, born, spec, `${version}/`);
  }
  const spec = { labelsToApply: toApply('pcsa', name, labels) };
  return entry(`ksa.${namespace}.${name}`, `serviceaccounts/${namespace}/${name}`, born, spec, `/${version}`);
}

const toApply = (prefix: string, name: string, labels: Texts): ReadonlyMap<string, string> =>
  sortedRecord({
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${prefix}.${key}`, value])),
    [`${prefix}.projectcalico.org/name`]: name,
  });

const defaultAllow = (): Entry =>
  entry(DEFAULT_ALLOW, DEFAULT_ALLOW, { creationTimestamp: null }, { ingress: ALLOW, egress: ALLOW }, '0');

const entry = (name: string, at: string, born: object, spec: object, version: string): Entry => ({
  ref: profileRef(name),
  at,
  value: stringifyJson({ kind: 'Profile', apiVersion: 'projectcalico.org/v3', metadata: { name, ...born }, spec }),
  version,
});

const notSupported = (operation: string, ref: Ref): Failure =>
  new Failure('datastore refuses', `operation ${operation} is not supported on ${textOf(ref)}`, {
    where: 'On the Kubernetes datastore, profiles are namespaces and service accounts: change their labels instead',
  });
