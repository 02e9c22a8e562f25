import { CniError, failure } from '../shared/cni/error.ts';
import { run } from '../shared/exec.ts';
import type { PodAddress, VethRequest } from './veth-plan.ts';

/** The fields used here of `ip -j route show`. */
interface RouteRow {
  readonly dev?: string;
  readonly scope?: string;
}

/**
 * A host route that could not be added because another interface has it, told as the original tells it: who
 * holds the address. Any other failure comes back as it was.
 */
export function explainRouteConflict(error: unknown, request: VethRequest): unknown {
  if (!(error instanceof CniError) || !error.message.endsWith(': file exists')) return error;
  const taken = request.addresses
    .map((address) => ({ address, holder: holderOf(address) }))
    .find(({ holder }) => holder?.dev !== undefined && holder.dev !== request.hostName);
  if (taken?.holder === undefined) return error;
  const { address, holder } = taken;
  const dst = `Dst: ${address.address}/${address.family === 4 ? 32 : 128}`;
  const ours = `route (Ifindex: ${ifindex(request.hostName)}, ${dst}, Scope: link)`;
  const scope = address.family === 4 ? (holder.scope ?? 'universe') : 'universe';
  const theirs = `route (Ifindex: ${ifindex(holder.dev ?? '')}, ${dst}, Scope: ${scope}, Iface: ${holder.dev})`;
  return failure(
    `error adding host side routes for interface: ${request.hostName}, error: ${ours} already exists for an interface other than '${request.hostName}': ${theirs}`,
    `the route belongs to ${holder.dev}: ip route show ${address.address}`,
    error,
  );
}

function holderOf({ family, address }: PodAddress): RouteRow | undefined {
  const length = family === 4 ? 32 : 128;
  const ran = run('ip', ['-j', `-${family}`, 'route', 'show', `${address}/${length}`], {});
  if (ran.status !== 0 || ran.stdout.trim() === '') return undefined;
  return (JSON.parse(ran.stdout) as RouteRow[])[0];
}

/** The interface's number, 0 when it went meanwhile. */
function ifindex(name: string): string {
  return /^(\d+):/.exec(run('ip', ['-o', 'link', 'show', 'dev', name], {}).stdout)?.[1] ?? '0';
}
