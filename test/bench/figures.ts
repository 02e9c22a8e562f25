import type { LoneSample } from './program.ts';

/** The figures of a row: milliseconds, megabytes (10^6), counts. */
export type Figure = 'p50' | 'p95' | 'p99' | 'worst' | 'cpu' | 'memory' | 'calls' | 'perSecond' | 'lostRaces';

export type Figures = Readonly<Partial<Record<Figure, number>>>;

/** A row of the report. `against` names the row it is compared with. */
export interface Line {
  readonly name: string;
  readonly figures: Figures;
  readonly against?: string;
}

/** The smallest value that at least `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** Wall and CPU time of calls. */
export function summary(samples: readonly LoneSample[]): Figures {
  const millis = samples.map((sample) => sample.millis);
  return {
    p50: median(millis),
    p95: percentile(millis, 0.95),
    p99: percentile(millis, 0.99),
    cpu: median(samples.map((sample) => sample.cpu)),
  };
}
