import { fs } from '../shared/node-modules.ts';
import { readHostRoutes } from './host-routes.ts';
import { removeHostLink } from './kernel.ts';
import { isShaperName, shaperNames } from './shaper.ts';

/** Where the kernel lists the links of the namespace we run in. */
const LINKS = '/proc/sys/net/ipv4/conf';

/**
 * Links on this host that only an ADD which was killed before its commit can have left: pairs that nothing is routed to, and
 * shaping devices whose pair is gone. Whether an endpoint names a pair all the same is the caller's to ask.
 */
export function abandonedLinks(): { readonly pairs: readonly string[]; readonly shapers: readonly string[] } {
  const names = fs().readdirSync(LINKS);
  const used = new Set(names.flatMap(shaperNames));
  const shapers = names.filter((name) => isShaperName(name) && !used.has(name));
  const ends = names.filter((name) => /^cali[0-9a-z]{11}$/.test(name));
  const routed = ends.length === 0 ? [] : routedLinks();
  return { pairs: ends.filter((name) => !routed.includes(name)), shapers };
}

/** Removes links left so, with their peers and shaping devices. */
export function removeAbandoned(names: readonly string[]): void {
  for (const name of names) removeHostLink(name);
}

/** The links that a route leads to, but for what the kernel gives every link by itself. */
function routedLinks(): readonly string[] {
  const { names, routes } = readHostRoutes();
  return routes.filter(({ dst }) => !/^(?:fe80|ff00):/.test(dst)).flatMap(({ index }) => names.get(index) ?? []);
}
