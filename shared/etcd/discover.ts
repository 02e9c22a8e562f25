import { platform } from '#platform';
import { unavailable } from '../datastore/unavailable.ts';
import type { ServiceRecord } from '../platform/network.ts';

/** etcd's DNS services, and the scheme of each; both are looked up, as etcd's own clients do. */
const SERVICES = [
  ['etcd-client-ssl', 'https'],
  ['etcd-client', 'http'],
] as const;

/** The endpoints in a domain's SRV records. Throws 'datastore unavailable' when there are none. `timeout` in milliseconds. */
export async function discover(domain: string, timeout: number): Promise<readonly string[]> {
  const found = await Promise.allSettled(
    SERVICES.map(async ([service, scheme]) => {
      const records = await recordsOf(`_${service}._tcp.${domain}`, timeout);
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

function recordsOf(name: string, timeout: number): Promise<readonly ServiceRecord[]> {
  return new Promise((resolve, reject) => {
    platform.lookupSrv(name, timeout, (error, records) => {
      if (error === undefined) resolve(records);
      else reject(error);
    });
  });
}

function inOrder(records: readonly ServiceRecord[]): readonly ServiceRecord[] {
  return [...records].sort((one, other) => one.priority - other.priority || other.weight - one.weight);
}
