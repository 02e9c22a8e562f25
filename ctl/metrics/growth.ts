/** How many addresses of a pool were in use, and free, at one time. */
interface Moment {
  /** Seconds on any clock that is not set. */
  readonly at: number;
  readonly used: number;
  readonly free: number;
}

/** Remembers how pools fill up. */
export interface Growth {
  note(pool: string, moment: Moment): void;
  /** Seconds until the pool is full if it goes on so; infinite when it does not grow, undefined when it is too early to say. */
  untilFull(pool: string): number | undefined;
}

/** How far back it looks, how far moments are apart at least, and from when on a rate is given. */
const WINDOW = 3600;
const STEP = 30;
const ENOUGH = 120;

/** Pools that are gone are forgotten once more than so many are known. */
const MOST_POOLS = 10_000;

export function openGrowth(): Growth {
  const known = new Map<string, Moment[]>();
  return {
    note(pool, moment) {
      const moments = known.get(pool) ?? [];
      if (known.size >= MOST_POOLS && !known.has(pool)) known.clear();
      known.set(pool, moments);
      while (moments[0] !== undefined && moments[0].at < moment.at - WINDOW) moments.shift();
      const last = moments.at(-2);
      // The newest always counts; those before it only at some distance.
      if (last !== undefined && (moments.at(-1)?.at ?? 0) - last.at < STEP) moments.pop();
      moments.push(moment);
    },
    untilFull(pool) {
      const moments = known.get(pool) ?? [];
      const [first, last] = [moments[0], moments.at(-1)];
      if (first === undefined || last === undefined || last.at - first.at < ENOUGH) return undefined;
      const rate = (last.used - first.used) / (last.at - first.at);
      return rate > 0 ? last.free / rate : Number.POSITIVE_INFINITY;
    },
  };
}
