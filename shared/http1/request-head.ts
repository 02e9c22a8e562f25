/** The head of a request over HTTP/1.1 (RFC 9112), as a server reads it. */
export interface RequestHead {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** By name in lower case; the last of several counts. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Where the head ends in what was received, and the blank line with it; undefined when more must come. */
export function endOfRequest(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  return end === -1 ? undefined : end + 4;
}

/** Reads a head up to its blank line; undefined when it is none. */
export function readRequest(text: string): RequestHead | undefined {
  const [first = '', ...lines] = text.slice(0, -4).split('\r\n');
  const [method = '', target = '', version = '', more] = first.split(' ');
  const isRequest = isToken(method) && target.startsWith('/') && version.startsWith('HTTP/1.') && more === undefined;
  if (!isRequest) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    if (colon < 1 || !isToken(name)) return undefined;
    headers.set(name.toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, path: target.split('?')[0] ?? '', headers };
}

const isToken = (text: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(text);
