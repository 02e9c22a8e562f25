import { withoutNeedlessBrackets } from '../net/host.ts';

/** An etcd endpoint as configured, and what of it a connection needs. */
export interface Endpoint {
  /** As configured, without credentials: for messages. */
  readonly text: string;
  /** http://host:port or https://host:port; undefined when the text is no endpoint. */
  readonly url: string | undefined;
  /** host:port. */
  readonly authority: string;
  readonly secure: boolean;
  /** Without a scheme the original speaks TLS, which surprises most who leave it out. */
  readonly schemeless: boolean;
  /** A socket of this machine instead of the host and port in `url`, as in transport.ts. */
  readonly socket?: string;
  /** No etcd, and never TLS: advice about either is of no use. */
  readonly plainOnly?: boolean;
}

/** Reads `http://HOST:PORT`, `https://HOST:PORT` or `HOST:PORT`. */
export function readEndpoint(configured: string): Endpoint {
  const schemeless = !configured.includes('://');
  const text = configured.replace(/\/\/.*@/, '//').replace(/^[^/]*@/, '');
  const match = /^(?:(https?):\/\/)?([^/?#]+:\d{1,5})(?:[/?#].*)?$/i.exec(withoutNeedlessBrackets(text));
  const secure = match?.[1]?.toLowerCase() !== 'http';
  const url = match?.[2] === undefined ? undefined : `${secure ? 'https' : 'http'}://${match[2]}`;
  const authority = match?.[2] ?? '';
  return { text, url: url !== undefined && URL.canParse(url) ? url : undefined, authority, secure, schemeless };
}
