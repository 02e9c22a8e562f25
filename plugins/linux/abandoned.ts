/** A link of the namespace we run in. */
export interface HostLink {
  readonly name: string;
  readonly index: number;
  /** Milliseconds since 1970: it is not older than this. */
  readonly madeAt: number;
  /** Whether a route leads to it, but for those that the kernel gives every link by itself. */
  readonly isRouted: boolean;
  /** What a device that shapes its traffic is called. */
  readonly shapers: readonly string[];
}

/** No ADD lasts longer: the link of one that is under way is younger. */
const LONGEST_ADD_MS = 60_000;
const PAIR = /^cali[0-9a-z]{11}$/;
/** As Felix names them, and as versions up to 0.1.0 did: shorter where the host ends' prefix is. */
const SHAPER = /^(?:bwcali[0-9a-f]{9}|bwc[0-9a-z]{8,11})$/;

/**
 * Links that an ADD which was killed before its commit may have left: host ends of pairs that nothing is routed to, and
 * shaping devices without a pair, whatever its prefix. Whether an endpoint names one all the same is the caller's to ask.
 */
export function abandonedAmong(links: readonly HostLink[], now: number): readonly HostLink[] {
  const shapers = new Set(links.filter(({ name }) => !SHAPER.test(name)).flatMap((link) => link.shapers));
  const isUseless = ({ name, isRouted }: HostLink): boolean =>
    SHAPER.test(name) ? !shapers.has(name) : PAIR.test(name) && !isRouted;
  return links.filter((link) => now - link.madeAt >= LONGEST_ADD_MS && isUseless(link));
}

/** The links that have nothing to do with the interfaces that endpoints name, nor with the devices that shape these. */
export function unnamed(
  links: readonly HostLink[],
  interfaces: readonly string[],
  shapers: readonly string[],
): readonly HostLink[] {
  return links.filter(({ name }) => !interfaces.includes(name) && !shapers.includes(name));
}

/** The links that are still what they were: the same link under the same name. */
export function unchanged(before: readonly HostLink[], after: readonly HostLink[]): readonly HostLink[] {
  return before.filter(({ name, index }) => after.some((link) => link.name === name && link.index === index));
}
