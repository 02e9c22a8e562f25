/**
 * Why a certificate that the runtime accepts is not valid for this host: runtimes fall back to the Common Name when there is no
 * alternative name (`subjectaltname`, as Node writes them), Go never does. Undefined when the certificate is fine.
 */
export function commonNameOnly(host: string, alternatives: string | undefined): NodeJS.ErrnoException | undefined {
  // Runtimes look for an address only among the alternative names. Quoted text belongs to other kinds of names.
  if (isAddress(host) || /(?:^|, )DNS:/.test((alternatives ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""')))
    return undefined;
  const why = `the certificate has no subjectAltName for ${host}: its Common Name is ignored; reissue it`;
  return Object.assign(new Error(why), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}

/** Whether a host is an address, not a name. */
export const isAddress = (host: string): boolean => host.includes(':') || !/[^\d.]/.test(host);
