import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import type { ServerEndpoint } from '../../shared/net/endpoint.ts';
import { withoutNeedlessBrackets } from '../../shared/net/host.ts';
import { parseUrl } from '../../shared/net/url.ts';

/** An external dataplane that connects containers instead of the kernel. */
export interface DataplaneOptions {
  readonly endpoint: ServerEndpoint;
  /** The options passed on to the dataplane: those whose values are strings (as Calico). */
  readonly texts: Readonly<Record<string, string>>;
}

/** The dataplane named by `dataplane_options`; undefined for Linux. Throws a Failure in the original's words when it is not valid. */
export function dataplaneOptions({ dataplaneOptions: options }: NetConf): DataplaneOptions | undefined {
  if (options['type'] !== 'grpc') return undefined;
  const socket = options['socket'];
  if (typeof socket !== 'string' || socket === '') {
    throw failure(
      'GRPC dataplane socket not configured',
      'dataplane_options.socket: where the dataplane listens, such as unix:///var/run/dataplane.sock or HOST:PORT',
    );
  }
  const texts = Object.entries(options).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { endpoint: dataplaneEndpoint(socket), texts: Object.fromEntries(texts) };
}

/** A gRPC target (gRPC's "Name Resolution"): `unix:PATH`, `unix:///PATH`, `unix-abstract:NAME`, HOST:PORT with or without `dns:`. */
export function dataplaneEndpoint(target: string): ServerEndpoint {
  const always = { text: target, secure: false, schemeless: false };
  const local = /^unix(-abstract)?:(?:\/\/(?=\/))?(.+)$/s.exec(target);
  if (local?.[2] !== undefined) {
    const socket = `${local[1] === undefined ? '' : '\0'}${local[2]}`;
    return { ...always, url: 'http://localhost', authority: 'localhost', socket };
  }
  const named = /^(?:(?:dns|passthrough|ipv4|ipv6):(?:\/\/[^/]*\/)?)?([^/:]+:\d{1,5}|\[[^\]]+\]:\d{1,5})$/.exec(
    target,
  )?.[1];
  const authority = named && withoutNeedlessBrackets(named);
  const url = `http://${authority}`;
  if (authority !== undefined && parseUrl(url) !== undefined) return { ...always, url, authority };
  throw failure(
    `grpc dataplane error: not a valid address: ${target}`,
    'dataplane_options.socket: unix:///PATH or HOST:PORT is expected',
  );
}
