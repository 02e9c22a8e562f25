/** Why a certificate is not for this host; `names` are those that it is for (`DNS:x`, `IP:y`). As in Go, its Common Name does not count. */
export const wrongNameText = (host: string, names: readonly string[]): string =>
  names.length === 0
    ? `the certificate has no subjectAltName for ${host}: its Common Name is ignored; reissue it`
    : `the certificate is not for ${host}, but for ${names.join(', ')}`;

/** Whether a host is an address, not a name. */
export const isAddress = (host: string): boolean => host.includes(':') || !/[^\d.]/.test(host);
