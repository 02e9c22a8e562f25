import type { Family } from '../../shared/net/address.ts';
import { deleteRoute, getRoutes, type Route, readRoute } from '../../shared/netlink/route.ts';
import { askIfThere, type Netlink, withNetlink } from '../../shared/netlink/socket.ts';

/** The protocol of routes that BIRD wrote (iproute2's rt_protos). */
const BIRD = 12;

/** Whether the kernel has routes of BIRD's: they stay when it ends. */
export const hasBirdRoutes = (family: Family): boolean =>
  withNetlink((kernel) => birdRoutes(kernel, family)).length > 0;

/** Removes them. */
export const removeBirdRoutes = (): void =>
  withNetlink((kernel) => {
    for (const route of [...birdRoutes(kernel, 4), ...birdRoutes(kernel, 6)]) remove(kernel, route);
  });

/** BIRD may have removed it meanwhile. */
function remove(kernel: Netlink, { family, dst, kind, protocol, metric }: Route): void {
  askIfThere(kernel, deleteRoute({ family, dst, kind, protocol, index: 0, metric }));
}

const birdRoutes = (kernel: Netlink, family: Family): readonly Route[] =>
  kernel
    .ask(getRoutes(family))
    .map(readRoute)
    .filter(({ isMain, protocol }) => isMain && protocol === BIRD);
