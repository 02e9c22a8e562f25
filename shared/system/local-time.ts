/** Local date and time of day at `ms` since 1970, e.g. `2026-11-21 07:06:55.176`. */
export function localTime(ms: number): string {
  const offset = -new Date(ms).getTimezoneOffset();
  return new Date(ms + offset * 60_000).toISOString().slice(0, -1).replace('T', ' ');
}
