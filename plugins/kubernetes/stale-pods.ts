import { handleOf } from '../../ipam/asked.ts';
import { resourceKey } from '../../shared/calico/keys.ts';
import { type EndpointName, endpointPrefix, parseEndpointName } from '../../shared/calico/names.ts';
import { keysBetween, type Outcome, one, type Plan, prefixEnd } from '../../shared/etcd/view.ts';
import { stored } from '../find-endpoint.ts';
import type { Identity } from '../identity.ts';

const ENDPOINTS = resourceKey('workloadendpoints', '');
/** Endpoints of a whole cluster, by name only. */
const LIMIT = 200_000;

/** Finds this node's pods by their containers: who they are as their endpoints tell it, with addresses held for `network`. */
export function* podsOnNode(node: string, network: string): Plan<Outcome<ReadonlyMap<string, Identity>>> {
  const names = keysBetween(ENDPOINTS, prefixEnd(ENDPOINTS), LIMIT);
  const keys = (yield [names]).answer(names).entries.map(({ key }) => key);
  const here = keys.flatMap((key) => {
    const name = parseEndpointName(key.slice(key.lastIndexOf('/') + 1));
    return name?.node === node && name.orchestrator === 'k8s' ? [{ key, name }] : [];
  });
  const view = yield here.map(({ key }) => one(key));
  const pods = here.flatMap(({ key, name }) => {
    const entry = view.get(key);
    const spec = entry === undefined ? undefined : stored(entry).endpoint.spec;
    const containerID = spec?.containerID ?? '';
    if (containerID === '') return [];
    const identity = identityOf(key, name, { containerID, hostVeth: spec?.interfaceName ?? '', network });
    return [[containerID, identity] as const];
  });
  return { writes: [], answer: new Map(pods) };
}

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
