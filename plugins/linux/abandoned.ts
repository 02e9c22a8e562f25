/** A link in our namespace. */
export interface HostLink {
  readonly name: string;
  readonly index: number;
  /** Milliseconds since 1970: the link is not older than this. */
  readonly madeAt: number;
  /** Whether a route leads to it, apart from those that the kernel adds by itself. */
  readonly isRouted: boolean;
  /** Names that the device that shapes its traffic may have. */
  readonly shapers: readonly string[];
}

/** No ADD takes longer, so the link of one in progress is younger. */
const LONGEST_ADD_MS = 60_000;
const PAIR = /^cali[0-9a-z]{11}$/;
/** As Felix names them, and as versions up to 0.1.0 did: shorter where the prefix of the host ends is. */
const SHAPER = /^(?:bwcali[0-9a-f]{9}|bwc[0-9a-z]{8,11})$/;

/**
 * Links that an ADD killed before its commit may have left: host ends that no route leads to, and shaping devices without a
 * pair, whatever its prefix. The caller checks whether an endpoint names one of them.
 */
export function abandonedAmong(links: readonly HostLink[], now: number): readonly HostLink[] {
  const shapers = new Set(links.filter(({ name }) => !SHAPER.test(name)).flatMap((link) => link.shapers));
  const isUseless = ({ name, isRouted }: HostLink): boolean =>
    SHAPER.test(name) ? !shapers.has(name) : PAIR.test(name) && !isRouted;
  return links.filter((link) => now - link.madeAt >= LONGEST_ADD_MS && isUseless(link));
}

/** Those that shape the traffic of a pair: each of these is without one. */
export const shapersAmong = (abandoned: readonly HostLink[]): readonly HostLink[] =>
  abandoned.filter(({ name }) => SHAPER.test(name));

/** The links that are neither interfaces named by endpoints nor devices that shape these. */
export function unnamed(
  links: readonly HostLink[],
  interfaces: readonly string[],
  shapers: readonly string[],
): readonly HostLink[] {
  return links.filter(({ name }) => !interfaces.includes(name) && !shapers.includes(name));
}

/** The links that are unchanged: the same link under the same name. */
export function unchanged(before: readonly HostLink[], after: readonly HostLink[]): readonly HostLink[] {
  return before.filter(({ name, index }) => after.some((link) => link.name === name && link.index === index));
}
