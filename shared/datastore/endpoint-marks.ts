import { sha1 } from '../bytes/hash.ts';
import { parseAddress } from '../net/address.ts';
import { readEndpoint } from '../net/endpoint.ts';

/** Where a datastore is configured to be: its endpoints, or the domain that names them. */
export interface Whereabouts {
  readonly endpoints: readonly string[];
  readonly discoverySrv: string;
}

/**
 * A mark for each endpoint, which tells endpoints of this host apart without revealing them. Scheme, case, path and
 * credentials make no difference.
 */
export const endpointMarks = ({ endpoints, discoverySrv }: Whereabouts): readonly string[] => [
  ...new Set(endpoints.length > 0 ? endpoints.map(markOf) : [sha1(`srv ${discoverySrv.toLowerCase()}`)]),
];

function markOf(configured: string): string {
  const { authority, text } = readEndpoint(configured);
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(authority) ?? [];
  return sha1(host === '' ? text : `${parseAddress(host)?.text ?? host.toLowerCase()} ${Number(port)}`);
}
