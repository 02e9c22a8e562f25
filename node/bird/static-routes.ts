import { addressBits } from '../../shared/net/address.ts';
import type { FamilyRouting } from '../bgp/family-routing.ts';

/**
 * The routes that begin here: own blocks and networks of services, for which the kernel's more specific routes lead to pods, and
 * peers behind a certain router.
 */
export function staticRoutes({ ownBlocks, services, sessions, family }: FamilyRouting): readonly string[] {
  const bits = addressBits(family);
  const served = [...services.announced, ...services.alone];
  const networks = [...ownBlocks.filter(({ length }) => length < bits), ...served].map(({ text }) => text);
  const peers = sessions
    .filter(({ reachableBy }) => reachableBy !== undefined)
    .map(({ address, reachableBy }) => `${address.text}/${bits} via ${reachableBy?.text}`);
  const routes = [...networks.map((text) => `${text} blackhole`), ...peers];
  return [...new Set(routes)].map((route) => `  route ${route};`);
}
