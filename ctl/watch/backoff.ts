/** How long is waited after a first failure, and at most. */
export interface Waits {
  readonly firstS: number;
  readonly longestS: number;
}

const USUAL: Waits = { firstS: 5, longestS: 300 };

/** Seconds to wait after so many failures in a row; `chance`, 0 to 1, spreads the nodes of a cluster. */
export const waitAfter = (failures: number, chance: number, { firstS, longestS }: Waits = USUAL): number =>
  Math.min(firstS * 2 ** Math.max(0, failures - 1), longestS) * (0.8 + 0.4 * chance);
