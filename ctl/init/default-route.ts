/** A default route as the kernel lists it. */
interface Route {
  readonly interfaceName: string;
  readonly metric: number;
}

const UP = 1;
/** RTF_REJECT: an unreachable route. */
const REJECT = 0x200;

/** The interface of the IPv4 default route with the lowest metric, from /proc/net/route; '' without one. */
export const defaultInterface4 = (table: string): string =>
  lowest(
    rowsOf(table).flatMap(([interfaceName = '', destination, , flags, , , metric, mask]) =>
      destination === '00000000' && mask === '00000000' && leads(flags)
        ? { interfaceName, metric: Number(metric) }
        : [],
    ),
  );

/** The same for IPv6, from /proc/net/ipv6_route. */
export const defaultInterface6 = (table: string): string =>
  lowest(
    rowsOf(table).flatMap(([destination = '', length, , , , metric = '', , , flags, interfaceName = '']) =>
      /^0{32}$/.test(destination) && length === '00' && leads(flags) && interfaceName !== 'lo'
        ? { interfaceName, metric: Number.parseInt(metric, 16) }
        : [],
    ),
  );

const rowsOf = (table: string): readonly (readonly string[])[] =>
  table.split('\n').map((line) => line.trim().split(/\s+/));

/** `flags` in hexadecimal. */
function leads(flags: string | undefined): boolean {
  const bits = Number.parseInt(flags ?? '', 16);
  return (bits & UP) !== 0 && (bits & REJECT) === 0;
}

const lowest = (routes: readonly Route[]): string =>
  routes.reduce<Route | undefined>(
    (best, route) => (best === undefined || route.metric < best.metric ? route : best),
    undefined,
  )?.interfaceName ?? '';
