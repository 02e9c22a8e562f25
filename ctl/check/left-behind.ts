import { addressOf } from '../../shared/net/address.ts';
import type { Cluster } from './cluster.ts';
import { type Endpoint, nameOf } from './endpoints.ts';
import { asSeen, type Finding } from './finding.ts';

/** Whether an endpoint belongs to a node without a Node resource, which was deleted or renamed. */
export const isLeftBehind = ({ nodes }: Pick<Cluster, 'nodes'>, { node }: Pick<Endpoint, 'node'>): boolean =>
  node !== '' && !nodes.has(node);

/** Every endpoint of a node that is gone, with those of its addresses that another endpoint has now. */
export const leftBehindFindings = (cluster: Cluster): readonly Finding[] =>
  cluster.leftBehind.map((endpoint) => leftBehind(cluster, endpoint));

function leftBehind(cluster: Cluster, endpoint: Endpoint): Finding {
  const { node } = endpoint;
  const taken = endpoint.addresses.flatMap((number) => {
    const user = cluster.users.of(number).find((other) => !isLeftBehind(cluster, other));
    const { text } = addressOf(typeof number === 'number' ? 4 : 6, BigInt(number));
    return user === undefined ? [] : [`${text} is ${nameOf(user)}'s`];
  });
  const text = [`${nameOf(endpoint)}: on node ${node}, which has no Node resource`, ...taken].join('; ');
  return { kind: 'left-behind', text, seen: [asSeen(endpoint)], node };
}
