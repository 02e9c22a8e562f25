import { resourceKey } from '../shared/calico/keys.ts';
import { parseEndpointName } from '../shared/calico/names.ts';
import { failure } from '../shared/cni/error.ts';
import { type Entry, keysBetween, type Outcome, one, type Plan, prefixEnd } from '../shared/etcd/view.ts';
import { existingEndpoint } from './existing-endpoint.ts';
import { stored } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

const ENDPOINTS = resourceKey('workloadendpoints', '');
/** Endpoints of a whole cluster by name only: asked for once, when a link of our name is found standing. */
const LIMIT = 200_000;

/** Refuses to replace a host veth that another workload's endpoint on this node names. */
export function* refuseForeignVeth(identity: Identity): Plan<void> {
  const holder = yield* foreignHolder(identity);
  if (holder === undefined) return;
  throw failure(
    `host interface ${identity.hostVeth} belongs to another workload: file exists`,
    `${holder} names it on this node; delete that workload first`,
  );
}

/**
 * Whether a host link of our name may go with this container: its own endpoint names it, or (without Kubernetes, where the
 * name carries the first characters of the container's id) nobody's does. A pod's newer sandbox has a link of the same name.
 */
export function* mayRemoveHostVeth(identity: Identity): Plan<Outcome<boolean>> {
  const found = (yield* existingEndpoint(identity)).answer;
  if (found !== undefined) return { writes: [], answer: found.endpoint.spec.interfaceName === identity.hostVeth };
  if (identity.orchestrator !== 'cni') return { writes: [], answer: false };
  return { writes: [], answer: (yield* foreignHolder(identity)) === undefined };
}

/** The key of another workload's endpoint on this node that names our host veth. */
function* foreignHolder(identity: Identity): Plan<string | undefined> {
  const names = keysBetween(ENDPOINTS, prefixEnd(ENDPOINTS), LIMIT);
  const { entries } = (yield [names]).answer(names);
  const others = entries.map(({ key }) => key).filter((key) => isOthersHere(key, identity));
  if (others.length === 0) return undefined;
  const view = yield others.map(one);
  return others.find((key) => interfaceOf(view.get(key)) === identity.hostVeth);
}

/** The host interfaces that endpoints on this node name; undefined while one of them cannot be read, as it may name any. */
export function* interfacesNamed(node: string): Plan<Outcome<readonly string[] | undefined>> {
  const names = keysBetween(ENDPOINTS, prefixEnd(ENDPOINTS), LIMIT);
  const { entries } = (yield [names]).answer(names);
  const here = entries.map(({ key }) => key).filter((key) => parseEndpointName(lastOf(key))?.node === node);
  const view = yield here.map(one);
  const named = here.flatMap((key) => (view.get(key) === undefined ? [] : (interfaceOf(view.get(key)) ?? UNREAD)));
  return { writes: [], answer: named.includes(UNREAD) ? undefined : named };
}

const UNREAD = '';
const lastOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** An endpoint that cannot be read holds nothing that could be told. */
function interfaceOf(entry: Entry | undefined): string | undefined {
  try {
    return entry === undefined ? undefined : stored(entry).endpoint.spec?.interfaceName;
  } catch {
    return undefined;
  }
}

function isOthersHere(key: string, identity: Identity): boolean {
  const [namespace, last = ''] = key.slice(ENDPOINTS.length).split('/');
  const name = parseEndpointName(last);
  if (name === undefined || name.node !== identity.node) return false;
  return (
    namespace !== identity.namespace ||
    name.orchestrator !== identity.orchestrator ||
    name.workload !== identity.workload
  );
}
