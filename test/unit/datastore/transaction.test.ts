import { describe, expect, it } from 'vitest';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import { ENDPOINT_NAMES, handlesBeginning } from '../../../shared/datastore/query.ts';
import { endpointRef } from '../../../shared/datastore/ref.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { isUnavailable, unavailable } from '../../../shared/datastore/unavailable.ts';
import type { Change, Outcome, Plan, View } from '../../../shared/datastore/view.ts';
import { handleKey, keyOf } from '../../../shared/etcd/keys.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { at, increment, one, within, world } from './transacting.ts';

/** A plan that asks for these keys in its first read and for nothing more. */
function afterReading<A>(keys: readonly string[], outcome: (view: View) => Outcome<A>): () => Plan<Outcome<A>> {
  return function* () {
    return outcome(yield keys.map(one));
  };
}

describe('transact', () => {
  it('reads what a step asks for at once, commits once, and answers', async () => {
    const seed = { '/n': '41', [handleKey('p1')]: 'a', [handleKey('p2')]: 'b', [keyOf(endpointRef('ns', 'w'))]: '{}' };
    const etcd = connected(seed);
    const answer = await transact(within(1000, etcd), function* () {
      yield [handlesBeginning('p')];
      const view = yield [one('/n'), handlesBeginning('p1'), ENDPOINT_NAMES];
      const names = view.answer(ENDPOINT_NAMES).refs.length;
      const text = `${view.get(at('/n'))?.value} ${view.list(handlesBeginning('p')).length} ${names}`;
      return { changes: [{ ref: at('/n'), next: '42' }], answer: text };
    });
    expect(answer).toBe('41 2 1');
    expect(etcd.dump()).toEqual({ ...seed, '/n': '42' });
    expect(etcd.calls).toEqual([
      `read ${handleKey('p')}`,
      `read /n ${keyOf(endpointRef('', '')).slice(0, -1)}`,
      'commit /n',
    ]);
  });

  it('commits nothing when there is nothing to change', async () => {
    const etcd = connected({});
    const plan = afterReading(['/n'], () => ({ changes: [], guards: [at('/n')], answer: 'fine' }));
    expect(await transact(within(1000, etcd), plan)).toBe('fine');
    expect(etcd.calls).toEqual(['read /n']);
  });

  it('names the object on which a decision failed unexpectedly, and passes on a refusal unchanged', async () => {
    const etcd = connected({ '/a': '1', [handleKey('b1')]: 'null' });
    const over = (look: (view: View) => void): (() => Plan<Outcome<undefined>>) =>
      function* () {
        look(yield [one('/a'), handlesBeginning('b')]);
        return { changes: [], answer: undefined };
      };
    const nothing = (text = ''): number => (JSON.parse(text) as readonly unknown[]).length;
    const failing = (look: (view: View) => void) =>
      transact(within(1000, etcd), over(look)).catch((thrown: unknown) => thrown);
    const failed = await failing((view) => view.get(at('/a')) && nothing(view.list(handlesBeginning('b'))[0]?.value));
    expect(failed).toMatchObject({
      kind: 'internal error',
      message: 'internal error while processing data of the datastore',
    });
    expect(failed).toMatchObject({ details: expect.stringMatching(/^at \["handle".*, in nothing/) });
    const refusal = unavailable('timed out', 'mine', 'mine');
    const refused = await failing(() => {
      throw refusal;
    });
    expect(refused).toBe(refusal);
  });

  it('deletes a key, and creates one only if it does not exist', async () => {
    const etcd = connected({ '/old': '1' });
    const changes: Change[] = [
      { ref: at('/old'), next: undefined },
      { ref: at('/new'), next: '2' },
    ];
    await transact(
      within(1000, etcd),
      afterReading(['/old', '/new'], () => ({ changes, answer: undefined })),
    );
    expect(etcd.dump()).toEqual({ '/new': '2' });
  });

  it('decides again on the values that a lost race returns, without another read', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.before('commit', () => etcd.put('/n', '7'));
    expect(await transact(within(1000, etcd), () => increment('a', ['/n']))).toBe(8);
    expect(etcd.calls).toEqual(['read /n', 'read /by/a', 'commit /n /by/a', 'commit /n /by/a']);
  });

  it('loses the race when a guard has changed, and when a key to be created exists by now', async () => {
    for (const changed of ['/guard', '/new']) {
      const etcd = connected({ '/guard': 'x' });
      etcd.before('commit', () => etcd.put(changed, 'other'));
      const seen: (string | undefined)[] = [];
      await transact(within(1000, etcd), function* () {
        const view = yield [one('/guard'), one('/new')];
        seen.push(view.get(at(changed))?.value);
        return { changes: [{ ref: at('/new'), next: 'y' }], guards: [at('/guard')], answer: undefined };
      });
      expect(seen, changed).toEqual([changed === '/guard' ? 'x' : undefined, 'other']);
    }
  });

  it('lets ten concurrent writers count to ten', async () => {
    const etcd = connected({});
    const names = Array.from({ length: 10 }, (_, at) => `w${at}`);
    const counted = await Promise.all(names.map((name) => transact(within(20_000, etcd), () => increment(name))));
    expect(counted.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(etcd.dump()['/n']).toBe('10');
  });

  it('gives up at the deadline with error 11 when it keeps losing races', async () => {
    const etcd = connected({});
    etcd.beforeEvery('commit', () => etcd.put('/n', 'x'));
    const began = world.elapsed();
    const failed = await transact(within(120, etcd), () => increment('a')).catch((thrown) => thrown);
    expect(isUnavailable(failed)).toBe(true);
    expect(toCniError(failed).code).toBe(11);
    expect(failed).toMatchObject({ reason: 'timed out', details: expect.stringMatching(/^lost \d+ races/) });
    expect(world.elapsed() - began).toBeLessThan(400);
  });

  it('splits a read of more than 128 operations, and knows all results', async () => {
    const keys = Array.from({ length: 300 }, (_, at) => `/k/${String(at).padStart(3, '0')}`);
    const etcd = connected(Object.fromEntries(keys.map((key) => [key, key])));
    const found = await transact(within(1000, etcd), function* () {
      const view = yield keys.map(one);
      return { changes: [], answer: keys.filter((key) => view.get(at(key))?.value === key).length };
    });
    expect(found).toBe(300);
    expect(etcd.calls.map((call) => call.split(' ').length - 1)).toEqual([128, 128, 44]);
  });

  it('rejects a plan that changes an object it has not read', async () => {
    const etcd = connected({});
    const changes = [{ ref: at('/blind'), next: 'x' }];
    const plan = afterReading(['/n'], () => ({ changes, answer: undefined }));
    await expect(transact(within(1000, etcd), plan)).rejects.toThrow('/blind');
    expect(etcd.dump()).toEqual({});
  });

  it('passes on what the plan and the store throw', async () => {
    const etcd = connected({});
    const plan = afterReading(['/n'], (): Outcome<void> => {
      throw new Error('no pool');
    });
    await expect(transact(within(1000, etcd), plan)).rejects.toThrow('no pool');
    etcd.before('read', () => {
      throw unavailable('no leader', 'gone');
    });
    await expect(transact(within(1000, etcd), plan)).rejects.toMatchObject({ reason: 'no leader' });
  });
});

describe('work done meanwhile', () => {
  it('runs once, during the second read', async () => {
    const etcd = connected({});
    const order: string[] = etcd.calls;
    etcd.before('commit', () => etcd.put('/n', '5'));
    await transact(
      within(1000, etcd, () => order.push('meanwhile')),
      () => increment('a', ['/n']),
    );
    expect(order.slice(0, 4)).toEqual(['read /n', 'read /by/a', 'meanwhile', 'commit /n /by/a']);
    expect(order.filter((call) => call === 'meanwhile')).toHaveLength(1);
  });

  it('runs during the commit when one read was enough, and not at all when nothing is written', async () => {
    const etcd = connected({});
    const order: string[] = etcd.calls;
    const meanwhile = () => void order.push('meanwhile');
    await transact(within(1000, etcd, meanwhile), () => increment('a'));
    await transact(within(1000, etcd, meanwhile), () => increment('a'));
    expect(order).toEqual(['read /n /by/a', 'commit /n /by/a', 'meanwhile', 'read /n /by/a']);
  });

  it('ends the transaction when it throws, after pending operations have settled', async () => {
    const etcd = connected({});
    const meanwhile = () => {
      throw new Error('no such netns');
    };
    const options = within(1000, etcd, meanwhile);
    etcd.after('read', () => {});
    etcd.after('read', () => etcd.calls.push('answered'));
    await expect(transact(options, () => increment('a', ['/n']))).rejects.toThrow('no such netns');
    expect(etcd.calls).toEqual(['read /n', 'read /by/a', 'answered']);
    etcd.before('read', () => {});
    etcd.before('read', () => {
      throw unavailable('unreachable', 'gone');
    });
    await expect(transact(within(1000, etcd, meanwhile), () => increment('b', ['/n']))).rejects.toThrow(
      'no such netns',
    );
  });
});
