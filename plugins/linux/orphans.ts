import { statusOf } from '../../shared/system/files.ts';
import { abandonedAmong, type HostLink, unchanged } from './abandoned.ts';
import { readHostRoutes } from './host-routes.ts';
import { linkExists, removeLink, removeLinkAt } from './kernel.ts';
import { shaperNames } from './shaper.ts';

/** Links on this host that only an ADD killed before its commit can have left, if no endpoint names them. `now`: milliseconds since 1970. */
export const abandonedLinks = (now: number): readonly HostLink[] => abandonedAmong(hostLinks(), now);

/** Removes those of the links that are still abandoned, with their peers and shaping devices. A new link of the same name stays. */
export function removeAbandoned(links: readonly HostLink[], now: number): void {
  for (const { name, index } of unchanged(links, abandonedLinks(now))) {
    removeLinkAt(index, name);
    if (!linkExists(name)) for (const shaper of shaperNames(name)) removeLink(shaper);
  }
}

function hostLinks(): readonly HostLink[] {
  const { names, routes } = readHostRoutes();
  const routed = new Set(routes.filter(({ dst }) => !/^(?:fe80|ff00):/.test(dst)).map(({ index }) => index));
  return [...names].map(([index, name]) => ({
    name,
    index,
    madeAt: madeAt(name),
    isRouted: routed.has(index),
    shapers: shaperNames(name),
  }));
}

/**
 * The kernel does not report a link's age. The directory of its sysctls is as old as its first use, which ADD makes at once.
 * Where the kernel has dropped it from its cache, the link seems young and stays until a later GC.
 */
function madeAt(name: string): number {
  const written = statusOf(`/proc/sys/net/ipv4/conf/${name}`)?.writtenAt;
  return written === undefined ? Number.POSITIVE_INFINITY : Number(written / 1_000_000n);
}
