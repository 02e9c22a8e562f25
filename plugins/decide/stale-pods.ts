import { handleOf } from '../../ipam/block/handle-id.ts';
import { resourceKey } from '../../shared/calico/keys.ts';
import { type EndpointName, endpointPrefix, parseEndpointName } from '../../shared/calico/names.ts';
import { reasonOf } from '../../shared/calico/stored.ts';
import { type Entry, keysBetween, type Outcome, one, type Plan, prefixEnd } from '../../shared/datastore/view.ts';
import { stored } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

const ENDPOINTS = resourceKey('workloadendpoints', '');
/** Endpoints of a whole cluster, by name only. */
const LIMIT = 200_000;

/** Pods by their containers, and why some could not be read. */
export interface PodsKnown {
  readonly known: ReadonlyMap<string, Identity>;
  readonly unread: readonly string[];
}

/**
 * Finds this node's pods by their containers: who they are as their endpoints tell it, with addresses held for `network`. An
 * endpoint that cannot be read is passed over, and reported.
 */
export function* podsOnNode(node: string, network: string): Plan<Outcome<PodsKnown>> {
  const names = keysBetween(ENDPOINTS, prefixEnd(ENDPOINTS), LIMIT);
  const keys = (yield [names]).answer(names).entries.map(({ key }) => key);
  const here = keys.flatMap((key) => {
    const name = parseEndpointName(key.slice(key.lastIndexOf('/') + 1));
    return name?.node === node && name.orchestrator === 'k8s' ? [{ key, name }] : [];
  });
  const view = yield here.map(({ key }) => one(key));
  const known = new Map<string, Identity>();
  const unread: string[] = [];
  for (const { key, name } of here) {
    try {
      const spec = specOf(view.get(key));
      const containerID = spec?.containerID ?? '';
      if (containerID === '') continue;
      known.set(containerID, identityOf(key, name, { containerID, hostVeth: spec?.interfaceName ?? '', network }));
    } catch (error) {
      unread.push(reasonOf(error));
    }
  }
  return { writes: [], answer: { known, unread } };
}

const specOf = (entry: Entry | undefined) => (entry === undefined ? undefined : stored(entry).endpoint.spec);

interface Known {
  readonly containerID: string;
  readonly hostVeth: string;
  readonly network: string;
}

function identityOf(key: string, name: EndpointName, { containerID, hostVeth, network }: Known): Identity {
  const [namespace = '', endpointName = ''] = key.slice(ENDPOINTS.length).split('/');
  return {
    orchestrator: 'k8s',
    node: name.node,
    namespace,
    containerID,
    pod: name.workload,
    workload: name.workload,
    endpoint: name.endpoint,
    endpointName,
    endpointPrefix: endpointPrefix(name),
    hostVeth,
    handleID: handleOf(network, containerID),
    legacyHandleID: '',
  };
}
