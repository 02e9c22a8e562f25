import { type Notices, openNotices } from '../../shared/netlink/notices.ts';
import { refusalOf } from '../../shared/netlink/refusal.ts';
import { KernelRefused, type Netlink, withNetlink } from '../../shared/netlink/socket.ts';
import { exists } from '../../shared/system/files.ts';
import type { Part } from '../run/part.ts';
import { type FamilyTunnels, familyTunnels } from './family-tunnels.ts';
import { concernsTunnels } from './news.ts';
import { type TunnelPlan, tunnelPlan } from './plan.ts';

/** Every check looks at the devices; one in this many also reads all routes and entries, even if the kernel has reported no change. */
const REREAD_EVERY = 8;

const FAMILIES = [4, 6] as const;

/** Keeps the tunnels of pools with vxlanMode or ipipMode, and the routes of these pools. */
export function tunnelPart(): Part {
  const tunnels = FAMILIES.map(familyTunnels);
  let plans: readonly TunnelPlan[] = [];
  let checks = 0;
  let notices: Notices | undefined;
  const bring = (isReread: boolean): readonly string[] =>
    refusing((kernel) => plans.flatMap((plan, at) => bringFamily(kernel, tunnels[at], plan, isReread)));
  return {
    name: 'tunnels',
    apply: async (state) => {
      plans = FAMILIES.map((family) => tunnelPlan(state, family));
      if (plans.some(({ routes }) => routes.size > 0)) notices ??= openNotices();
      return bring(isNews(notices, tunnels));
    },
    check: async () => {
      const isDue = ++checks % REREAD_EVERY === 0;
      return bring(isNews(notices, tunnels) || isDue);
    },
    problem: () => tunnels.map((each) => each.problem()).find((problem) => problem !== undefined),
    stop: async (clean) => {
      notices?.close();
      notices = undefined;
      if (clean) removeAll(tunnels);
    },
  };
}

/** Work with netlink, of which what the kernel refuses is a Failure. */
function refusing<T>(work: (kernel: Netlink) => T): T {
  try {
    return withNetlink(work);
  } catch (error) {
    throw error instanceof KernelRefused ? refusalOf('the kernel refused to change tunnels', error) : error;
  }
}

/** Whether something has happened to routes of ours since the last time. */
function isNews(notices: Notices | undefined, tunnels: readonly FamilyTunnels[]): boolean {
  const told = notices === undefined ? [] : notices.take();
  const indices = tunnels.flatMap((each) => each.indices() ?? []);
  return told === undefined || told.some((message) => concernsTunnels(message, indices));
}

/** A machine without IPv6 has none of its routes. */
const bringFamily = (
  kernel: Netlink,
  tunnels: FamilyTunnels | undefined,
  plan: TunnelPlan,
  isReread: boolean,
): readonly string[] =>
  tunnels === undefined || (plan.family === 6 && !exists('/proc/sys/net/ipv6'))
    ? []
    : tunnels.bring(kernel, plan, isReread);

function removeAll(tunnels: readonly FamilyTunnels[]): void {
  refusing((kernel) => {
    for (const [at, family] of FAMILIES.entries()) bringFamily(kernel, tunnels[at], noTunnels(family), true);
  });
}

const noTunnels = (family: 4 | 6): TunnelPlan => ({
  family,
  vxlan: undefined,
  ipip: undefined,
  host: undefined,
  routes: new Map(),
});
