/** Hosts in URLs: brackets belong around IPv6 addresses alone, and yet Calico's installer wrote them around any for years. */

/** A URL, or HOST:PORT, without brackets around what is no IPv6 address. */
export function withoutNeedlessBrackets(text: string): string {
  return text.replace(/^((?:[a-z][\w+.-]*:\/\/)?(?:[^/?#@]*@)?)\[([^\]:]+)\]/i, '$1$2');
}

/** A host without brackets, as sockets and certificates know it. */
export const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '');

/** A host as it stands in a URL, whether or not it came in brackets. */
export function hostInUrl(host: string): string {
  const bare = bareHost(host);
  return bare.includes(':') ? `[${bare}]` : bare;
}
