/**
 * Why a certificate that the runtime accepts for this host is none for it: runtimes fall back to the Common Name where there
 * is no name among the alternative ones (`subjectaltname`, as Node writes them), Go never does. Undefined when it is fine.
 */
export function commonNameOnly(host: string, alternatives: string | undefined): NodeJS.ErrnoException | undefined {
  // An address is only ever looked for among the alternatives; what is quoted is another kind's text.
  if (isAddress(host) || /(?:^|, )DNS:/.test((alternatives ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""')))
    return undefined;
  const why = `the certificate has no subjectAltName for ${host}: its Common Name does not count, issue it anew`;
  return Object.assign(new Error(why), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}

/** Whether a host is an address, and no name. */
export const isAddress = (host: string): boolean => host.includes(':') || !/[^\d.]/.test(host);
