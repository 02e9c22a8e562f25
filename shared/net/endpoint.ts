import { withoutNeedlessBrackets } from './host.ts';
import { parseUrl } from './url.ts';

/** A server's endpoint, and what a connection needs to know of it. */
export interface ServerEndpoint {
  /** As configured, without credentials: for messages. */
  readonly text: string;
  /** http://host:port or https://host:port; undefined when the text is not a valid endpoint. */
  readonly url: string | undefined;
  /** host:port. */
  readonly authority: string;
  readonly secure: boolean;
  /** Configured without a scheme: the original then uses TLS, which surprises many users. */
  readonly schemeless: boolean;
  /** A local socket instead of the host and port in `url`, as in transport.ts. */
  readonly socket?: string;
}

/** Reads `http://HOST:PORT`, `https://HOST:PORT` or `HOST:PORT`. */
export function readEndpoint(configured: string): ServerEndpoint {
  const schemeless = !configured.includes('://');
  const text = configured.replace(/\/\/.*@/, '//').replace(/^[^/]*@/, '');
  const match = /^(?:(https?):\/\/)?([^/?#]+:\d{1,5})(?:[/?#].*)?$/i.exec(withoutNeedlessBrackets(text));
  const secure = match?.[1]?.toLowerCase() !== 'http';
  const url = match?.[2] === undefined ? undefined : `${secure ? 'https' : 'http'}://${match[2]}`;
  const authority = match?.[2] ?? '';
  return {
    text,
    url: url !== undefined && parseUrl(url) !== undefined ? url : undefined,
    authority,
    secure,
    schemeless,
  };
}
