/** Numbers in [0, 1) that a seed decides (mulberry32): a run that went wrong can be repeated. */
export type Chance = () => number;

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of them; throws when there is none. */
export function pick<T>(random: Chance, items: readonly T[]): T {
  const [item] = items.slice(Math.floor(random() * items.length));
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** So many of them, in their order. */
export function sample<T>(random: Chance, items: readonly T[], count: number): readonly T[] {
  const drawn = items.map((_, index) => ({ index, lot: random() })).sort((a, b) => a.lot - b.lot);
  const chosen = new Set(drawn.slice(0, count).map(({ index }) => index));
  return items.filter((_, index) => chosen.has(index));
}

/** A random seed. */
export const anySeed = (): number => Math.floor(Math.random() * 2 ** 31);
