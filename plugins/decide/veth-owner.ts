import { hostVethName } from '../../shared/calico/names.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { ContainerInterface } from '../dataplane/container-interface.ts';
import { HOST_MAC } from '../dataplane/pair-request.ts';
import { requireReady } from './cluster.ts';
import { endpointReads, existingEndpoint, isSameContainer } from './existing-endpoint.ts';
import { findEndpoint, stored } from './find-endpoint.ts';
import type { Identity } from './identity.ts';
import { endpointsOnNode, type NodeEndpoint } from './node-endpoints.ts';

/** Refuses to replace a host veth that another workload's endpoint on this node names. */
export function* refuseForeignVeth(identity: Identity): Plan<void> {
  const holder = yield* foreignHolder(identity);
  if (holder === undefined) return;
  throw failure(
    `host interface ${identity.hostVeth} belongs to another workload: file exists`,
    whyHeld(identity, holder),
  );
}

function whyHeld({ orchestrator, containerID, hostVeth }: Identity, { name: other, entry }: NodeEndpoint): string {
  if (orchestrator !== 'cni' || other.orchestrator !== 'cni' || hostVethName(other.workload) !== hostVeth)
    return `${entry.at} names it on this node; delete that workload first`;
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
  if (found !== undefined) return { changes: [], answer: found.endpoint.spec.interfaceName === identity.hostVeth };
  if (identity.orchestrator !== 'cni') return { changes: [], answer: false };
  return { changes: [], answer: (yield* foreignHolder(identity)) === undefined };
}

/**
 * The same where endpoints are pods: the link goes with the container that the pod names, and with a pod that is gone. A pod
 * that names none may be in the middle of an ADD.
 */
export function* mayRemovePodVeth(identity: Identity): Plan<Outcome<boolean>> {
  const view = yield endpointReads(identity);
  requireReady(view);
  const found = findEndpoint(view, identity);
  return { changes: [], answer: found === undefined || isSameContainer(found, identity) };
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
    return { changes: [], answer: isOurs };
  }
  if (host === undefined || (host.name !== identity.hostVeth && host.mac !== HOST_MAC)) return NO;
  const named = (yield* interfacesNamed(identity.node)).answer;
  return { changes: [], answer: named !== undefined && !named.includes(host.name) };
}

const NO: Outcome<boolean> = { changes: [], answer: false };

/** Another workload's endpoint on this node that names our host veth. */
function* foreignHolder(identity: Identity): Plan<NodeEndpoint | undefined> {
  const others = (yield* endpointsOnNode(identity.node)).filter((each) => isOthers(each, identity));
  return others.find(({ entry }) => interfaceOf(entry) === identity.hostVeth);
}

/** The host interfaces that endpoints on this node name; undefined while one of them cannot be read, as it may name any. */
export function* interfacesNamed(node: string): Plan<Outcome<readonly string[] | undefined>> {
  const named = (yield* endpointsOnNode(node)).map(({ entry }) => interfaceOf(entry) ?? UNREAD);
  return { changes: [], answer: named.includes(UNREAD) ? undefined : named };
}

const UNREAD = '';

/** Undefined for an endpoint that cannot be read. */
function interfaceOf(entry: Entry): string | undefined {
  try {
    return stored(entry).endpoint.spec?.interfaceName;
  } catch {
    return undefined;
  }
}

const isOthers = ({ ref, name }: NodeEndpoint, identity: Identity): boolean =>
  ref.namespace !== identity.namespace ||
  name.orchestrator !== identity.orchestrator ||
  name.workload !== identity.workload;
