import type { SrvRecord } from 'node:dns';
import { unavailable } from '../datastore/unavailable.ts';

/** etcd's DNS services, and the scheme of each; both are looked up, as etcd's own clients do. */
const SERVICES = [
  ['etcd-client-ssl', 'https'],
  ['etcd-client', 'http'],
] as const;

/** The endpoints in a domain's SRV records. Throws 'datastore unavailable' when there are none. `timeout` in milliseconds. */
export async function discover(domain: string, timeout: number): Promise<readonly string[]> {
  const { Resolver } = await import('node:dns/promises');
  const resolver = new Resolver({ timeout: Math.ceil(timeout), tries: 1 });
  const found = await Promise.allSettled(
    SERVICES.map(async ([service, scheme]) => {
      const records = await resolver.resolveSrv(`_${service}._tcp.${domain}`);
      return inOrder(records).map(({ name, port }) => `${scheme}://${name.replace(/\.$/, '')}:${port}`);
    }),
  );
  const endpoints = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (endpoints.length > 0) return endpoints;
  const reasons = found.map(
    (one, at) => `_${SERVICES[at]?.[0]} ${one.status === 'rejected' ? one.reason.message : 'no records'}`,
  );
  throw unavailable(
    'unreachable',
    `failed to discover etcd endpoints through SRV discovery: error querying DNS SRV records for ${reasons.join(', ')}`,
  );
}

function inOrder(records: readonly SrvRecord[]): readonly SrvRecord[] {
  return [...records].sort((one, other) => one.priority - other.priority || other.weight - one.weight);
}
