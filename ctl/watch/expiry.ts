const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** A file with a certificate, and when that ends: milliseconds since 1970, undefined if the file holds none. */
export interface Ending {
  readonly path: string;
  readonly end: number | undefined;
}

/** What is said of certificates that end soon, and of those that have ended. */
export function expiries(
  certificates: readonly Ending[],
  now: number,
): { readonly notes: readonly string[]; readonly problems: readonly string[] } {
  const said = (isWanted: (left: number) => boolean, verb: string) =>
    certificates.flatMap(({ path, end }) =>
      end !== undefined && isWanted(end - now) ? [`${path} ${verb} on ${day(end)}: put a new one there`] : [],
    );
  return {
    notes: said((left) => left > 0 && left < SOON_DAYS * DAY_MS, 'expires'),
    problems: said((left) => left <= 0, 'expired'),
  };
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
