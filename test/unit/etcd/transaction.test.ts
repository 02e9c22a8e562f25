import { describe, expect, it } from 'vitest';
import { transact } from '../../../shared/datastore/transaction.ts';
import { isUnavailable, unavailable } from '../../../shared/datastore/unavailable.ts';
import {
  countBetween,
  type Outcome,
  one,
  type Plan,
  under,
  type View,
  type Write,
} from '../../../shared/datastore/view.ts';
import { toCniError } from '../../../shared/error/error.ts';
import { connected } from '../../support/connection.ts';
import { increment, within, world } from './transacting.ts';

/** A plan that asks for nothing beyond the first read. */
function atOnce<A>(outcome: () => Outcome<A>): () => Plan<Outcome<A>> {
  return function* () {
    yield [];
    return outcome();
  };
}

describe('transact', () => {
  it('reads what a step asks for in one go, commits once, and answers', async () => {
    const etcd = connected({ '/n': '41', '/p/1': 'a', '/p/2': 'b' });
    const answer = await transact(within(1000, etcd), [under('/p/')], function* () {
      const view = yield [one('/n'), one('/p/1'), countBetween('/p/', '/p0')];
      const text = `${view.get('/n')?.value} ${view.list('/p/').length} ${view.answer(countBetween('/p/', '/p0')).count}`;
      return { writes: [{ key: '/n', value: '42' }], answer: text };
    });
    expect(answer).toBe('41 2 2');
    expect(etcd.dump()).toEqual({ '/n': '42', '/p/1': 'a', '/p/2': 'b' });
    expect(etcd.calls).toEqual(['read /p/', 'read /n /p/', 'commit /n']);
  });

  it('commits nothing when there is nothing to write', async () => {
    const etcd = connected({});
    const plan = atOnce(() => ({ writes: [], guards: ['/n'], answer: 'fine' }));
    expect(await transact(within(1000, etcd), [one('/n')], plan)).toBe('fine');
    expect(etcd.calls).toEqual(['read /n']);
  });

  it('names the key that a decision failed over unexpectedly, and keeps a refusal as it is', async () => {
    const etcd = connected({ '/a': '1', '/b/1': 'null' });
    const slip = atOnce(() => ({ writes: [], answer: undefined }));
    const over = (look: (view: View) => void): (() => Plan<Outcome<undefined>>) =>
      function* () {
        look(yield [one('/a'), under('/b/')]);
        return yield* slip();
      };
    const nothing = (text = ''): number => (JSON.parse(text) as readonly unknown[]).length;
    const reads = [one('/a'), under('/b/')];
    const failing = (look: (view: View) => void) =>
      transact(within(1000, etcd), reads, over(look)).catch((thrown) => thrown);
    const failed = await failing((view) => view.get('/a') && nothing(view.list('/b/')[0]?.value));
    expect(failed).toMatchObject({ code: 999, message: 'internal error while deciding on what etcd holds' });
    expect(failed.details).toMatch(/^at \/b\/, in nothing/);
    const refusal = unavailable('timed out', 'mine', 'mine');
    const refused = await failing(() => {
      throw refusal;
    });
    expect(refused).toBe(refusal);
  });

  it('deletes a key, and creates one only where none is', async () => {
    const etcd = connected({ '/old': '1' });
    const writes: Write[] = [
      { key: '/old', value: undefined },
      { key: '/new', value: '2' },
    ];
    const plan = atOnce(() => ({ writes, answer: undefined }));
    await transact(within(1000, etcd), [one('/old'), one('/new')], plan);
    expect(etcd.dump()).toEqual({ '/new': '2' });
  });

  it('decides anew on the fresh values of a lost race, without reading again', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.before('commit', () => etcd.put('/n', '7'));
    expect(await transact(within(1000, etcd), [one('/n')], () => increment('a'))).toBe(8);
    expect(etcd.calls).toEqual(['read /n', 'read /by/a', 'commit /n /by/a', 'commit /n /by/a']);
  });

  it('loses the race when a guard has changed, and when a key to be created has come up', async () => {
    for (const changed of ['/guard', '/new']) {
      const etcd = connected({ '/guard': 'x' });
      etcd.before('commit', () => etcd.put(changed, 'other'));
      const seen: (string | undefined)[] = [];
      await transact(within(1000, etcd), [one('/guard'), one('/new')], function* () {
        const view = yield [];
        seen.push(view.get(changed)?.value);
        return { writes: [{ key: '/new', value: 'y' }], guards: ['/guard'], answer: undefined };
      });
      expect(seen, changed).toEqual([changed === '/guard' ? 'x' : undefined, 'other']);
    }
  });

  it('lets ten writers count to ten', async () => {
    const etcd = connected({});
    const names = Array.from({ length: 10 }, (_, at) => `w${at}`);
    const counted = await Promise.all(names.map((name) => transact(within(20_000, etcd), [], () => increment(name))));
    expect(counted.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(etcd.dump()['/n']).toBe('10');
  });

  it('gives up at the deadline with error 11 when it keeps losing', async () => {
    const etcd = connected({});
    etcd.beforeEvery('commit', () => etcd.put('/n', 'x'));
    const began = world.elapsed();
    const failed = await transact(within(120, etcd), [], () => increment('a')).catch((thrown) => thrown);
    expect(isUnavailable(failed)).toBe(true);
    expect(toCniError(failed).code).toBe(11);
    expect(failed).toMatchObject({ reason: 'timed out', details: expect.stringMatching(/^lost \d+ races/) });
    expect(world.elapsed() - began).toBeLessThan(400);
  });

  it('splits a read of more than 128 operations, and knows all of it', async () => {
    const keys = Array.from({ length: 300 }, (_, at) => `/k/${String(at).padStart(3, '0')}`);
    const etcd = connected(Object.fromEntries(keys.map((key) => [key, key])));
    const found = await transact(within(1000, etcd), keys.map(one), function* () {
      const view = yield [];
      return { writes: [], answer: keys.filter((key) => view.get(key)?.value === key).length };
    });
    expect(found).toBe(300);
    expect(etcd.calls.map((call) => call.split(' ').length - 1)).toEqual([128, 128, 44]);
  });

  it('refuses a plan that writes a key it has not looked at', async () => {
    const etcd = connected({});
    const plan = atOnce(() => ({ writes: [{ key: '/blind', value: 'x' }], answer: undefined }));
    await expect(transact(within(1000, etcd), [one('/n')], plan)).rejects.toThrow('/blind');
    expect(etcd.dump()).toEqual({});
  });

  it('passes on what the plan and the store throw', async () => {
    const etcd = connected({});
    const plan = atOnce((): Outcome<void> => {
      throw new Error('no pool');
    });
    await expect(transact(within(1000, etcd), [one('/n')], plan)).rejects.toThrow('no pool');
    etcd.before('read', () => {
      throw unavailable('no leader', 'gone');
    });
    await expect(transact(within(1000, etcd), [one('/n')], plan)).rejects.toMatchObject({ reason: 'no leader' });
  });
});

describe('what is done meanwhile', () => {
  it('is done once, while the second read is under way', async () => {
    const etcd = connected({});
    const order: string[] = etcd.calls;
    etcd.before('commit', () => etcd.put('/n', '5'));
    await transact(
      within(1000, etcd, () => order.push('meanwhile')),
      [one('/n')],
      () => increment('a'),
    );
    expect(order.slice(0, 4)).toEqual(['read /n', 'read /by/a', 'meanwhile', 'commit /n /by/a']);
    expect(order.filter((call) => call === 'meanwhile')).toHaveLength(1);
  });

  it('is done during the commit when one read was enough, and not at all when nothing is written', async () => {
    const etcd = connected({});
    const order: string[] = etcd.calls;
    const meanwhile = () => void order.push('meanwhile');
    await transact(within(1000, etcd, meanwhile), [one('/n'), one('/by/a')], () => increment('a'));
    await transact(within(1000, etcd, meanwhile), [one('/n'), one('/by/a')], () => increment('a'));
    expect(order).toEqual(['read /n /by/a', 'commit /n /by/a', 'meanwhile', 'read /n /by/a']);
  });

  it('ends the transaction when it throws, after the work under way has settled', async () => {
    const etcd = connected({});
    const meanwhile = () => {
      throw new Error('no such netns');
    };
    const options = within(1000, etcd, meanwhile);
    etcd.after('read', () => {});
    etcd.after('read', () => etcd.calls.push('answered'));
    await expect(transact(options, [one('/n')], () => increment('a'))).rejects.toThrow('no such netns');
    expect(etcd.calls).toEqual(['read /n', 'read /by/a', 'answered']);
    etcd.before('read', () => {
      throw unavailable('unreachable', 'gone');
    });
    await expect(transact(within(1000, etcd, meanwhile), [], () => increment('b'))).rejects.toThrow('no such netns');
  });
});
