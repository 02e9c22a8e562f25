import { resourceKey } from '../shared/calico/keys.ts';
import { parseEndpointName } from '../shared/calico/names.ts';
import { failure } from '../shared/cni/error.ts';
import { keysBetween, one, type Plan, prefixEnd } from '../shared/etcd/view.ts';
import { stored } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

const ENDPOINTS = resourceKey('workloadendpoints', '');
/** Endpoints of a whole cluster by name only: asked for once, when a link of our name is found standing. */
const LIMIT = 200_000;

/** Refuses to replace a host veth that another workload's endpoint on this node names. */
export function* refuseForeignVeth(identity: Identity): Plan<void> {
  const names = keysBetween(ENDPOINTS, prefixEnd(ENDPOINTS), LIMIT);
  const { entries } = (yield [names]).answer(names);
  const others = entries.map(({ key }) => key).filter((key) => isOthersHere(key, identity));
  if (others.length === 0) return;
  const view = yield others.map(one);
  for (const key of others) {
    const entry = view.get(key);
    if (entry === undefined || stored(entry).endpoint.spec?.interfaceName !== identity.hostVeth) continue;
    throw failure(
      `host interface ${identity.hostVeth} belongs to another workload: file exists`,
      `${key} names it on this node; delete that workload first`,
    );
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
