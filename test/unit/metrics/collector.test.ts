import { describe, expect, test } from 'vitest';
import { openCollector } from '../../../ctl/metrics/collector.ts';
import { exposition } from '../../../ctl/metrics/exposition.ts';
import { countFigures } from '../../../ctl/metrics/figures.ts';
import { type CheckFigures, countFindings } from '../../../ctl/metrics/finding-families.ts';
import type { ClusterRead, ClusterReader } from '../../../ctl/metrics/read-cluster.ts';
import { failure } from '../../../shared/error/failure.ts';
import { readFigures } from '../../support/calicoctl/exposition.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { CLUSTER } from './sample.ts';

const CHECKED: CheckFigures = { ...countFindings([], { pools: CLUSTER.pools, nodes: ['n1'] }), at: 1, seconds: 2 };

/** A collector whose clock and reader the test controls. */
function stage(reader: Partial<ClusterReader> = {}, every = 300) {
  const counts = { cluster: 0, check: 0 };
  const clock = { seconds: 100 };
  const world = { ...fakeWorld({}), elapsed: () => clock.seconds * 1000 };
  const counting: ClusterReader = {
    cluster: () => {
      counts.cluster++;
      return reader.cluster?.() ?? Promise.resolve(CLUSTER);
    },
    check: (...given) => {
      counts.check++;
      return reader.check?.(...given) ?? Promise.resolve(CHECKED);
    },
  };
  const collector = openCollector(counting, world, { every, grace: 300 });
  const collect = async (limitMs = 1000, complete = true) =>
    readFigures(exposition(await collector.collect(limitMs, complete)));
  return { collect, counts, clock, err: world.err };
}

/** A promise that the test settles. */
function open<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('those who ask at once', () => {
  test('share one reading; who asks later gets a new one', async () => {
    const { collect, counts } = stage();
    await Promise.all([collect(), collect(), collect()]);
    expect(counts.cluster).toBe(1);
    await collect();
    expect(counts.cluster).toBe(2);
  });
});

describe('when the datastore', () => {
  test('cannot be read, that is said, and why only once', async () => {
    const state = { broken: true };
    const { collect, err } = stage({
      cluster: async () => {
        if (state.broken) throw failure('nobody answers', 'at home');
        return CLUSTER;
      },
    });
    const first = await collect();
    expect(first.value('ipam_datastore_up')).toBe(0);
    expect(first.sum('ipam_ippool_size')).toBe(0);
    await collect();
    expect(err()).toBe('cannot read the datastore: nobody answers\n  at home\n');
    state.broken = false;
    expect((await collect()).value('ipam_datastore_up')).toBe(1);
    state.broken = true;
    await collect();
    expect(err().match(/nobody answers/g)).toHaveLength(2);
  });

  test('is slow, the figures read before are given with their age, but not for ever', async () => {
    const slow = open<ClusterRead>();
    const answers = [Promise.resolve(CLUSTER), slow.promise];
    const { collect, clock, counts } = stage({ cluster: () => answers.shift() ?? Promise.resolve(CLUSTER) });
    await collect();
    clock.seconds += 40;
    const late = await collect(5);
    expect(late.value('ipam_read_age_seconds')).toBe(40);
    expect(late.value('ipam_datastore_up')).toBe(1);
    clock.seconds += 300;
    expect((await collect(5)).value('ipam_datastore_up')).toBe(0);
    expect(counts.cluster).toBe(2);
    slow.resolve(CLUSTER);
    expect((await collect()).value('ipam_read_age_seconds')).toBe(0);
  });
});

describe('the data is checked', () => {
  test('once in a while, however often figures are asked for', async () => {
    const { collect, counts, clock } = stage();
    expect((await collect()).value('ipam_check_timestamp_seconds')).toBe(1);
    await collect();
    expect(counts.check).toBe(1);
    clock.seconds += 300;
    await collect();
    expect(counts.check).toBe(2);
  });

  test('never, when that is asked for', async () => {
    const { collect, counts } = stage({}, 0);
    expect((await collect()).value('ipam_check_timestamp_seconds')).toBeUndefined();
    expect(counts.check).toBe(0);
  });

  test('beside the figures, which do not wait for it', async () => {
    const check = open<CheckFigures>();
    const { collect, counts } = stage({ check: () => check.promise });
    expect((await collect(1000, false)).value('ipam_check_timestamp_seconds')).toBeUndefined();
    await collect(1000, false);
    expect(counts.check).toBe(1);
    check.resolve(CHECKED);
    await check.promise;
    expect((await collect(1000, false)).value('ipam_check_timestamp_seconds')).toBe(1);
  });

  test('in vain: then there are no findings, and standard error says why', async () => {
    const { collect, err } = stage({ check: async () => Promise.reject(failure('may not list pods')) });
    const figures = await collect();
    expect(figures.value('ipam_datastore_up')).toBe(1);
    expect(figures.value('ipam_check_timestamp_seconds')).toBeUndefined();
    expect(err()).toBe('cannot check the data: may not list pods\n');
  });
});

test('candidates are counted by pool and node', () => {
  const finding = (kind: 'leaked' | 'young' | 'borrowed', address: string, node?: string) => ({
    kind,
    text: '',
    seen: [],
    address,
    ...(node === undefined ? {} : { node }),
  });
  const { findings, candidates } = countFindings(
    [
      finding('leaked', '10.0.0.1', 'n1'),
      finding('young', '10.0.0.2'),
      finding('leaked', '10.9.0.1', 'n1'),
      finding('borrowed', '10.0.0.3', 'n1'),
    ],
    { pools: CLUSTER.pools, nodes: ['n1', 'n2'] },
  );
  expect([findings.get('leaked'), findings.get('young'), findings.get('borrowed'), findings.get('overlap')]).toEqual([
    2, 1, 1, 0,
  ]);
  expect(Object.fromEntries([...candidates].map(([pool, nodes]) => [pool, Object.fromEntries(nodes)]))).toEqual({
    a: { n1: 1, n2: 0, unknown_node: 1 },
    no_ippool: { n1: 1 },
  });
});

test('an empty cluster has figures', () => {
  const count = countFigures({ pools: [], reservations: { 4: [], 6: [] }, cooldown: 0, nodes: [] }, 0n);
  expect(count.figures().pools).toEqual([]);
});
