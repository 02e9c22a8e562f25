import { resourceKey } from '../../shared/calico/keys.ts';
import { hostVethName, parseEndpointName } from '../../shared/calico/names.ts';
import { type Entry, keysBetween, type Outcome, one, type Plan, prefixEnd } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/error.ts';
import type { ContainerInterface } from '../dataplane/container-interface.ts';
import { HOST_MAC } from '../dataplane/pair-request.ts';
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
    whyHeld(identity, holder),
  );
}

function whyHeld({ orchestrator, containerID, hostVeth }: Identity, holder: string): string {
  const other = parseEndpointName(lastOf(holder));
  if (orchestrator !== 'cni' || other?.orchestrator !== 'cni' || hostVethName(other.workload) !== hostVeth)
    return `${holder} names it on this node; delete that workload first`;
  return (
    `the ids of containers ${other.workload} and ${containerID} begin with the same eleven characters, which name the host's ` +
    `interface: delete ${other.workload} first, or give this container another id`
  );
}

/**
 * Whether a host link of our name may go with this container: its own endpoint names it, or (without Kubernetes, where the
 * name carries the first characters of the container's id) no endpoint does. A pod's newer sandbox has a link of the same name.
 */
export function* mayRemoveHostVeth(identity: Identity): Plan<Outcome<boolean>> {
  const found = (yield* existingEndpoint(identity)).answer;
  if (found !== undefined) return { writes: [], answer: found.endpoint.spec.interfaceName === identity.hostVeth };
  if (identity.orchestrator !== 'cni') return { writes: [], answer: false };
  return { writes: [], answer: (yield* foreignHolder(identity)) === undefined };
}

/** As long and as random as runtimes make them: no two such ids share the characters that name the link. */
const RANDOM_ID = /^[0-9a-f]{32,}$/;

/** Whether no other container on this host can have a host veth of the same name. A pod's newer sandbox has. */
export const bearsUniqueName = ({ orchestrator, containerID }: Identity): boolean =>
  orchestrator === 'cni' && RANDOM_ID.test(containerID);

/**
 * Whether an interface in CNI_NETNS may go with this container: it has the MAC or the host's end of its endpoint; or, without
 * an endpoint, its host's end is one of Calico's that no endpoint names.
 */
export function* mayRemoveInterface(identity: Identity, { mac, host }: ContainerInterface): Plan<Outcome<boolean>> {
  const spec = (yield* existingEndpoint(identity)).answer?.endpoint.spec;
  if (spec !== undefined) {
    const isOurs = spec.mac?.toLowerCase() === mac || (host !== undefined && spec.interfaceName === host.name);
    return { writes: [], answer: isOurs };
  }
  if (host === undefined || (host.name !== identity.hostVeth && host.mac !== HOST_MAC)) return NO;
  const named = (yield* interfacesNamed(identity.node)).answer;
  return { writes: [], answer: named !== undefined && !named.includes(host.name) };
}

const NO: Outcome<boolean> = { writes: [], answer: false };

/** The key of another workload's endpoint on this node that names our host veth. */
function* foreignHolder(identity: Identity): Plan<string | undefined> {
  const others = (yield* endpointsHere(identity.node)).filter(({ key }) => isOthers(key, identity));
  return others.find((entry) => interfaceOf(entry) === identity.hostVeth)?.key;
}

/** The host interfaces that endpoints on this node name; undefined while one of them cannot be read, as it may name any. */
export function* interfacesNamed(node: string): Plan<Outcome<readonly string[] | undefined>> {
  const named = (yield* endpointsHere(node)).map((entry) => interfaceOf(entry) ?? UNREAD);
  return { writes: [], answer: named.includes(UNREAD) ? undefined : named };
}

/** All endpoints of this node. */
function* endpointsHere(node: string): Plan<readonly Entry[]> {
  const names = keysBetween(ENDPOINTS, prefixEnd(ENDPOINTS), LIMIT);
  const { entries } = (yield [names]).answer(names);
  const here = entries.map(({ key }) => key).filter((key) => parseEndpointName(lastOf(key))?.node === node);
  if (here.length === 0) return [];
  const view = yield here.map(one);
  return here.flatMap((key) => view.get(key) ?? []);
}

const UNREAD = '';
const lastOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** Undefined for an endpoint that cannot be read. */
function interfaceOf(entry: Entry): string | undefined {
  try {
    return stored(entry).endpoint.spec?.interfaceName;
  } catch {
    return undefined;
  }
}

function isOthers(key: string, identity: Identity): boolean {
  const [namespace] = key.slice(ENDPOINTS.length).split('/');
  const name = parseEndpointName(lastOf(key));
  return (
    namespace !== identity.namespace ||
    name?.orchestrator !== identity.orchestrator ||
    name.workload !== identity.workload
  );
}
