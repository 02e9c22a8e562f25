const FIRST_S = 5;
const LONGEST_S = 300;

/** Seconds to wait after so many failures in a row; `chance`, 0 to 1, spreads the nodes of a cluster. */
export const waitAfter = (failures: number, chance: number): number =>
  Math.min(FIRST_S * 2 ** Math.max(0, failures - 1), LONGEST_S) * (0.8 + 0.4 * chance);
