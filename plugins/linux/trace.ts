import type { HostEnd } from '../dataplane/attachment.ts';
import type { HostRoutes } from './route-conflict.ts';

/** The host ends of which nothing is left: no interface of the name, and no route to the address that leads anywhere. */
export function withoutTrace<E extends HostEnd>(
  ends: readonly E[],
  { routes }: HostRoutes,
  exists: (name: string) => boolean,
): readonly E[] {
  // BIRD's blackholes lead nowhere.
  const led = new Set(routes.flatMap(({ dst, kind }) => (kind === 'blackhole' ? [] : dst)));
  return ends.filter(({ hostName, address }) => {
    const route = `${address}/${address.includes(':') ? 128 : 32}`;
    return !exists(hostName) && !led.has(route);
  });
}
