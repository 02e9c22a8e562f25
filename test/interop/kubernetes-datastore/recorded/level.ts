/** A text without what differs from run to run. */
export function levelText(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC/g, 'TIME')
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ (\[\w+\])\[\d+\]/gm, 'TIME $1[PID]')
    .replace(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, (mac) => (mac === 'ee:ee:ee:ee:ee:ee' ? mac : 'MAC'))
    .replace(/(revision |resourceVersion(?:=|: "?))\d+/g, '$1N');
}

type Json = string | number | bigint | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** The same of a value: sequence numbers are random, and lists of ordinals long. */
export function level(value: Json, key = ''): Json {
  if (key === 'sequenceNumber' || key === 'resourceVersion') return 'N';
  if (typeof value === 'string') return levelText(value);
  if (Array.isArray(value)) {
    const isOrdinals = key === 'allocations' || key === 'unallocated';
    return isOrdinals ? inRuns(value as readonly (number | null)[]) : value.map((item) => level(item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const isStamps = key === 'sequenceNumberForAllocation';
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isStamps ? 'N' : level(inner, name)]));
}

/** `0 1 null*62`, `2-63 0`. */
function inRuns(list: readonly (number | null)[]): string {
  const runs: { first: number | null; count: number }[] = [];
  for (const value of list) {
    const last = runs.at(-1);
    const next = last === undefined || last.first === null ? null : last.first + last.count;
    if (last !== undefined && value === next) last.count++;
    else runs.push({ first: value, count: 1 });
  }
  return runs.map(({ first, count }) => textOf(first, count)).join(' ');
}

function textOf(first: number | null, count: number): string {
  if (count === 1) return String(first);
  return first === null ? `null*${count}` : `${first}-${first + count - 1}`;
}
