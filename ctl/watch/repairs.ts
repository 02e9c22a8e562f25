/** When files that another program had changed were put back: by path, in seconds of uptime. */
export type Repairs = Readonly<Record<string, readonly number[]>>;

/** So often within so many seconds is a quarrel. */
const MOST = 3;
const WITHIN_S = 600;
/** How long a file is then left to the other side. */
const LEFT_FOR_S = 3_600;

/** Notes a repair. Only the last few count. */
export const withRepair = (repairs: Repairs, path: string, uptime: number): Repairs => ({
  ...repairs,
  [path]: [...(repairs[path] ?? []), uptime].slice(-MOST),
});

/** Until when a file is left as another program wants it; undefined unless it is. */
export function leftUntil(repairs: Repairs, path: string, uptime: number): number | undefined {
  const times = repairs[path] ?? [];
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const isQuarrel = times.length === MOST && last - first <= WITHIN_S;
  return isQuarrel && uptime < last + LEFT_FOR_S ? last + LEFT_FOR_S : undefined;
}
