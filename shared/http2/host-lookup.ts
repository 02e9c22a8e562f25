/** How long, at most, a name takes to be looked up again when the system has looked it up before, in milliseconds. */
const AGAIN_MS = 300;

/** Whether the system finds an address for a host name: asked when a connection has timed out. */
async function isResolved(host: string): Promise<boolean> {
  const { lookup } = await import('node:dns/promises');
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), AGAIN_MS);
    const found = (answer: boolean) => {
      clearTimeout(timer);
      resolve(answer);
    };
    lookup(host).then(
      () => found(true),
      () => found(false),
    );
  });
}

/** Why there is no connection after so many milliseconds. */
export async function silenceAt(host: string | undefined, milliseconds: number): Promise<string> {
  const limit = `${Math.round(milliseconds) / 1000} s`;
  if (host === undefined || (await isResolved(host))) return `no connection within ${limit}`;
  return `the name ${host} does not resolve within ${limit}: check the name servers in /etc/resolv.conf`;
}

/** The same for an error of getaddrinfo; undefined for any other. */
export function unresolved(host: string, code: string): string | undefined {
  if (code === 'EAI_AGAIN') return `the name ${host} does not resolve (EAI_AGAIN): no name server answers`;
  return /^(?:ENOTFOUND|EAI_\w+|ENODATA)$/.test(code) ? `the name ${host} does not resolve (${code})` : undefined;
}
