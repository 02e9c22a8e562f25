/** Nanoseconds since 1970 as Go prints a UTC time: `2026-11-21 07:06:55.09482369 +0000 UTC`, trailing zeros cut. */
export function goTimestamp(nanoseconds: bigint): string {
  const [date, time] = rfc3339Seconds(nanoseconds).slice(0, -1).split('T');
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${date} ${time}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}

/** Nanoseconds since 1970 as Calico stores times: RFC 3339, UTC, whole seconds. */
export function rfc3339Seconds(nanoseconds: bigint): string {
  return `${new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)}Z`;
}

/** Nanoseconds since 1970, from a text that goTimestamp, or Go itself, printed for a UTC time; undefined for any other text. */
export function readGoTimestamp(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))? \+0000 UTC$/.exec(text);
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(seconds)) return undefined;
  return BigInt(seconds) * 1_000_000n + BigInt((match?.[3] ?? '').padEnd(9, '0'));
}
