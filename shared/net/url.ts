import { addressText, ipv6Value, parseAddress } from './address.ts';
import { bareHost } from './host.ts';

/** The parts of an http or https URL, named as in the URL standard. */
export interface Url {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** An IPv6 address is in brackets. */
  readonly hostname: string;
  /** '' for the protocol's own. */
  readonly port: string;
  /** Host name and port. */
  readonly host: string;
  readonly origin: string;
  readonly pathname: string;
  /** The query with its question mark, '' without one. */
  readonly search: string;
}

/** Scheme, authority, path, query; a fragment is not sent to a server. */
const URL_TEXT = /^(https?):\/\/([^/?#\\]+)([^?#]*)(\?[^#]*)?(?:#.*)?$/i;
/** Credentials, host and port. */
const AUTHORITY = /^(?:.*@)?(\[[^\]]*\]|[^:[\]]*)(?::(\d{0,5}))?$/;
const NAME = /^[^\s"#%/:<>?@[\\\]^`{|}]+$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** Reads an http or https URL; undefined when the text is none. Credentials are left out. */
export function parseUrl(text: string): Url | undefined {
  const trimmed = text.trim();
  // What is not ASCII would have to be encoded, which no server's address needs.
  if (/[^!-~]/.test(trimmed)) return undefined;
  const [, scheme = '', authority = '', path = '', search = ''] = URL_TEXT.exec(trimmed) ?? [];
  const [, host = '', digits = ''] = AUTHORITY.exec(authority) ?? [];
  const hostname = hostOf(host.toLowerCase());
  if (hostname === undefined || Number(digits) > 65_535) return undefined;
  const name = scheme.toLowerCase();
  const port = digits === '' || String(Number(digits)) === DEFAULT_PORTS[name] ? '' : String(Number(digits));
  const full = port === '' ? hostname : `${hostname}:${port}`;
  return {
    protocol: `${name}:`,
    hostname,
    port,
    host: full,
    origin: `${name}://${full}`,
    pathname: path === '' ? '/' : path,
    search: search === '?' ? '' : search,
  };
}

function hostOf(host: string): string | undefined {
  if (host.startsWith('[')) {
    const value = ipv6Value(host.slice(1, -1));
    return value === undefined ? undefined : `[${addressText(6, value)}]`;
  }
  if (!NAME.test(host)) return undefined;
  // A name whose last part is a number is an address.
  return /(?:^|\.)\d+\.?$/.test(host) && parseAddress(host) === undefined ? undefined : host;
}

/** Where to connect to. */
export const hostAndPort = ({ protocol, hostname, port }: Url): { readonly host: string; readonly port: number } => ({
  host: bareHost(hostname),
  port: Number(port || (protocol === 'https:' ? 443 : 80)),
});
