/** The order of named things, by UTF-16 units; names are ASCII. */
export const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
