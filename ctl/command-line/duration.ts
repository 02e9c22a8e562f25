import type { Args } from './args.ts';
import { UsageError } from './usage-error.ts';

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
const PART = /(\d+\.?\d*|\.\d+)(h|ms|us|µs|ns|m|s)/gy;
/** Go's durations end after 292 years. */
const MOST = 292 * 365 * 86_400;

/** Seconds of a duration in Go's format (`30s`, `1h30m`, `0`) or of a plain number. Undefined for any other text. */
export function durationSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return within(Number(text));
  const parts = [...text.replace(/^\+/, '').matchAll(PART)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text.replace(/^\+/, '');
  return isWhole
    ? within(parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 0), 0))
    : undefined;
}

const within = (seconds: number): number | undefined => (seconds <= MOST ? seconds : undefined);

/** Seconds of an option's duration. Throws UsageError for any other text. */
export function durationOption(args: Args, option: string): number {
  const given = args.text(option) ?? '';
  const found = durationSeconds(given);
  if (found === undefined) throw new UsageError(`--${option} must be a duration, e.g. 30s, 5m, 1h30m or 0: ${given}`);
  return found;
}
