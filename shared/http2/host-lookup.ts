import { platform } from '#platform';
import type { NetworkError } from '../platform/network.ts';

/** How long, at most, a name takes to be looked up again when the system has looked it up before, in milliseconds. */
const AGAIN_MS = 300;

/** Whether an address is found for a host name: asked when a connection has timed out. */
const isResolved = (host: string): Promise<boolean> =>
  new Promise((resolve) => platform.lookup(host, AGAIN_MS, (error) => resolve(error === undefined)));

/** Why there is no connection after so many milliseconds; no host: to a local socket. */
export async function silenceAt(host: string | undefined, milliseconds: number): Promise<string> {
  const limit = `${Math.round(milliseconds) / 1000} s`;
  if (host === undefined || isAddress(host) || (await isResolved(host))) return `no connection within ${limit}`;
  return `the name ${host} does not resolve within ${limit}: check the name servers in /etc/resolv.conf`;
}

/** Why a name has no address. */
export function unresolved(host: string, { code = 'ENOTFOUND' }: NetworkError): NetworkError {
  const reason = code === 'EAI_AGAIN' ? `(${code}): no name server answers` : `(${code})`;
  return Object.assign(new Error(`the name ${host} does not resolve ${reason}`), { code });
}

/** Whether a host is an address, not a name. */
export const isAddress = (host: string): boolean => host.includes(':') || !/[^\d.]/.test(host);
