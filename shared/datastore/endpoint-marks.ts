import { sha1 } from '../calico/sha1.ts';
import { parseAddress } from '../net/address.ts';
import { readEndpoint } from '../net/endpoint.ts';

/** Where an etcd is looked for: its endpoints, or the domain that names them. */
export interface Whereabouts {
  readonly endpoints: readonly string[];
  readonly discoverySrv: string;
}

/**
 * A mark for each endpoint that tells it from others on this host without saying what it is: scheme, case, path and
 * credentials do not count.
 */
export const endpointMarks = ({ endpoints, discoverySrv }: Whereabouts): readonly string[] => [
  ...new Set(endpoints.length > 0 ? endpoints.map(markOf) : [sha1(`srv ${discoverySrv.toLowerCase()}`)]),
];

function markOf(configured: string): string {
  const { authority, text } = readEndpoint(configured);
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(authority) ?? [];
  return sha1(host === '' ? text : `${parseAddress(host)?.text ?? host.toLowerCase()} ${Number(port)}`);
}
