import type { NetConf } from '../../shared/cni/netconf.ts';

/** A destination that the container reaches through the host. */
export interface ContainerRoute {
  readonly family: 4 | 6;
  readonly dst: string;
}

/** Both default routes. */
export const DEFAULT_ROUTES: readonly ContainerRoute[] = [
  { family: 4, dst: '0.0.0.0/0' },
  { family: 6, dst: '::/0' },
];

/** A pod's routes (as Calico): both defaults, or host-local's `routes`; then the defaults only on request. */
export function podRoutes({
  ipam,
  includeDefaultRoutes,
}: Pick<NetConf, 'ipam' | 'includeDefaultRoutes'>): readonly ContainerRoute[] {
  const configured = ipam.type === 'host-local' ? ipam.raw['routes'] : undefined;
  if (!Array.isArray(configured) || configured.length === 0) return DEFAULT_ROUTES;
  const routes = configured.flatMap((route) => {
    const dst: unknown = route?.dst;
    return typeof dst === 'string' ? [{ family: dst.includes(':') ? (6 as const) : (4 as const), dst }] : [];
  });
  const defaults = DEFAULT_ROUTES.filter(({ dst }) => !routes.some((route) => route.dst === dst));
  return includeDefaultRoutes ? [...routes, ...defaults] : routes;
}
