/** Hosts in URLs: brackets belong around IPv6 addresses only, but Calico's installer wrote them around any host for years. */

/** A URL, or HOST:PORT, without brackets around anything but an IPv6 address. */
export function withoutNeedlessBrackets(text: string): string {
  return text.replace(/^((?:[a-z][\w+.-]*:\/\/)?(?:[^/?#@]*@)?)\[([^\]:]+)\]/i, '$1$2');
}

/** A host without brackets, as sockets and certificates use it. */
export const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '');

/** A host as written in a URL, whether or not it has brackets. */
export function hostInUrl(host: string): string {
  const bare = bareHost(host);
  return bare.includes(':') ? `[${bare}]` : bare;
}
