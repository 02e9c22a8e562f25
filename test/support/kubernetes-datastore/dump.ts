import { parseJson, stringifyJson } from '../../../shared/calico/json.ts';
import type { Dump } from '../invariants/ipam-dump.ts';
import type { Ask } from '../kubernetes/api-client.ts';
import { configPlural, type Group, resourcePath } from './custom-resources.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An object as the API server holds it; integers beyond 2^53 as bigint. */
export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Fields;
  readonly status?: Fields;
}

/** All objects of a kind, and the version of the list. */
export async function listed(ask: Ask, path: string): Promise<{ items: readonly KubernetesObject[]; version: string }> {
  const { status, text } = await ask('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
  const list = parseJson(path, text) as { items: readonly KubernetesObject[]; metadata: { resourceVersion: string } };
  return { items: list.items, version: list.metadata.resourceVersion };
}

/** An object as it would be in etcd: its key, and its value unless it has none there, like a pod without addresses. */
type Convert = (object: KubernetesObject) => Readonly<Record<string, string | undefined>>;

const IPAM = '/calico/ipam/v2';
const RESOURCES = '/calico/resources/v3/projectcalico.org';
const family = (cidr: unknown) => (String(cidr).includes(':') ? 'ipv6' : 'ipv4');
const segment = (cidr: unknown) => String(cidr).replace('/', '-');

const block: Convert = ({ spec }) => {
  const { affinity = null, affinityClaimTime, strictAffinity: _, ...same } = spec;
  const value = { ...same, affinity, affinity_claim_time: affinityClaimTime, deleted: same['deleted'] === true };
  return { [`${IPAM}/assignment/${family(spec['cidr'])}/block/${segment(spec['cidr'])}`]: stringifyJson(value) };
};

const affinity: Convert = ({ spec: { type, node, cidr, state, deleted } }) => {
  const value = { state: state === '' ? 'confirmed' : state, deleted: String(deleted) === 'true' };
  return { [`${IPAM}/${type ?? 'host'}/${node}/${family(cidr)}/block/${segment(cidr)}`]: JSON.stringify(value) };
};

const handle: Convert = ({ spec }) => ({
  [`${IPAM}/handle/${spec['handleID']}`]: stringifyJson({ block: spec['block'], deleted: spec['deleted'] === true }),
});

const pool: Convert = ({ metadata, spec }) => ({
  [`${RESOURCES}/ippools/${metadata.name}`]: stringifyJson({ metadata: { name: metadata.name }, spec }),
});

const config: Convert = ({ spec }) => ({
  [`${IPAM}/config`]: JSON.stringify({ ...spec, strict_affinity: spec['strictAffinity'] }),
});

/** A pod is an endpoint while its annotations name an address. */
const pod: Convert = ({ metadata: { name, namespace, annotations = {} }, spec }) => {
  const addresses = annotations['cni.projectcalico.org/podIPs'] ?? '';
  const endpoint = { containerID: annotations['cni.projectcalico.org/containerID'], ipNetworks: addresses.split(',') };
  const key = `${RESOURCES}/workloadendpoints/${namespace}/${spec['nodeName']}-k8s-${name}-eth0`;
  return { [key]: addresses === '' ? undefined : JSON.stringify({ spec: endpoint }) };
};

/** Where each kind is, and how it is converted. */
const kindsIn = (group: Group): readonly (readonly [path: string, convert: Convert])[] => [
  [resourcePath(group, 'ipamblocks'), block],
  [resourcePath(group, 'blockaffinities'), affinity],
  [resourcePath(group, 'ipamhandles'), handle],
  [resourcePath(group, 'ippools'), pool],
  [resourcePath(group, configPlural(group)), config],
  ['/api/v1/pods', pod],
];

/** All data of address management and endpoints, as it would be in etcd. */
export async function dumpOf(ask: Ask, group: Group): Promise<Dump> {
  const kinds = await Promise.all(
    kindsIn(group).map(async ([path, convert]) => (await listed(ask, path)).items.map(convert)),
  );
  return stored(Object.assign({}, ...kinds.flat()));
}

/** The state at one moment, and where watches begin. */
interface Moment {
  readonly dump: Dump;
  readonly versions: readonly string[];
}

export async function momentOf(ask: Ask, group: Group): Promise<Moment> {
  const dump = await dumpOf(ask, group);
  const lists = await Promise.all(kindsIn(group).map(([path]) => listed(ask, path)));
  return { dump, versions: lists.map(({ version }) => version) };
}

interface Seen {
  readonly version: number;
  readonly change: (before: Dump) => Dump;
}

/** Every single write since a quiet moment, in the server's order, as dumps. */
export async function dumpsSince(ask: Ask, group: Group, { dump, versions }: Moment): Promise<readonly Dump[]> {
  const watched = await Promise.all(
    kindsIn(group).map(([path, convert], at) =>
      eventsOf(ask, `${path}?watch=1&timeoutSeconds=1&resourceVersion=${versions[at]}`, convert),
    ),
  );
  const dumps = [dump];
  for (const { change } of watched.flat().sort((one, other) => one.version - other.version)) {
    dumps.push(change(dumps.at(-1) ?? {}));
  }
  return dumps;
}

async function eventsOf(ask: Ask, path: string, convert: Convert): Promise<readonly Seen[]> {
  const { status, text } = await ask('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { type, object } = parseJson(path, line) as { readonly type: string; readonly object: KubernetesObject };
    if (type === 'ERROR') throw new Error(`GET ${path}: ${line}`);
    const now = convert(object);
    const gone = Object.fromEntries(Object.keys(now).map((key) => [key, undefined]));
    const change = (before: Dump) => stored({ ...before, ...(type === 'DELETED' ? gone : now) });
    return { version: Number(object.metadata.resourceVersion), change };
  });
}

const stored = (entries: ReturnType<Convert>): Dump =>
  Object.fromEntries(Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
