import { startTimer, stopTimer } from '../../shared/system/clock.ts';
import type { World } from '../../shared/system/world.ts';
import { clusterFamilies } from './cluster-families.ts';
import { gauge, type MetricFamily, single } from './exposition.ts';
import { findingFamilies } from './finding-families.ts';
import { type Growth, openGrowth } from './growth.ts';
import type { ClusterRead, ClusterReader } from './read-cluster.ts';
import { type CheckOptions, complaintsOf, openChecks, openReadings } from './readings.ts';

/** Collects the figures of a cluster. Those who ask at once share one reading of the datastore. */
export interface Collector {
  /**
   * The figures, within so many milliseconds. When reading takes longer, those that were read last. Without a datastore, that it
   * cannot be reached. `complete` also waits for a check that is due.
   */
  collect(limitMs: number, complete: boolean): Promise<readonly MetricFamily[]>;
}

/** Figures that are older, in seconds, are not shown any more. */
const STALE = 300;

export function openCollector(reader: ClusterReader, world: World, options: CheckOptions): Collector {
  const growth = openGrowth();
  const complaints = complaintsOf(world);
  const readings = openReadings(reader, world, complaints, ({ figures }, at) => {
    for (const { name, use } of figures.pools) growth.note(name, { at, used: use.used, free: use.free });
  });
  const checks = openChecks(reader, world, complaints, options);
  return {
    async collect(limitMs, complete) {
      const read = (await within(readings.next(), limitMs)) ?? readings.last();
      const age = world.elapsed() / 1000 - (read?.at ?? 0);
      if (read === undefined || 'failed' in read || age > STALE) return [reachable(false)];
      const { cluster } = read;
      const check = checks.whenDue(cluster);
      if (complete) await check;
      const checked = checks.last();
      return [
        reachable(true),
        ...ownFamilies(cluster, age),
        ...clusterFamilies(cluster.figures, cluster.config),
        untilFull(cluster, growth),
        ...(checked === undefined ? [] : findingFamilies(checked)),
      ];
    },
  };
}

const reachable = (is: boolean): MetricFamily =>
  single('ipam_datastore_up', 'Whether the datastore could be read.', Number(is));

const ownFamilies = ({ latency, seconds }: ClusterRead, age: number): readonly MetricFamily[] => [
  single('ipam_datastore_latency_seconds', "How long the datastore's first answer took, with connecting.", latency),
  single('ipam_read_duration_seconds', 'How long reading all blocks took.', seconds),
  single('ipam_read_age_seconds', 'How old these figures are.', age),
];

const untilFull = ({ figures }: ClusterRead, growth: Growth): MetricFamily =>
  gauge(
    'ipam_ippool_seconds_until_full',
    'When the pool will be full if it goes on as in the last hour. Infinite: it does not grow.',
    figures.pools.flatMap(({ name }) => {
      const value = growth.untilFull(name);
      return value === undefined ? [] : [{ labels: { ippool: name }, value }];
    }),
  );

/** The outcome of work that does not fail; undefined when it takes longer. It goes on all the same. */
function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = startTimer(ms, () => resolve(undefined));
    void work.then((outcome) => {
      stopTimer(timer);
      resolve(outcome);
    });
  });
}
