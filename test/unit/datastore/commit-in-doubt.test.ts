import { describe, expect, it } from 'vitest';
import { transact } from '../../../shared/datastore/transaction.ts';
import { isOutcomeUnknown, unavailable } from '../../../shared/datastore/unavailable.ts';
import { connected } from '../../support/connection.ts';
import { increment, within, world } from './transacting.ts';

describe('transact, when a commit gets no answer', () => {
  const lost = () => {
    throw unavailable('outcome unknown', 'no answer', 'http://a: gone');
  };

  it('finds that it is in, and does not do it twice', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.after('commit', lost);
    expect(await transact(within(1000, etcd), () => increment('a'))).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
    expect(etcd.calls).toEqual(['read /n /by/a', 'commit /n /by/a', 'read /n /by/a']);
  });

  it('finds that it is not in, and does it', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.before('commit', lost);
    expect(await transact(within(1000, etcd), () => increment('a'))).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
  });

  it('finds that it is in although the deadline has just passed', async () => {
    const etcd = connected({ '/n': '1' });
    const options = within(40, etcd);
    etcd.after('commit', () => {
      while (world.elapsed() < options.deadline);
      lost();
    });
    expect(await transact(options, () => increment('a'))).toBe(2);
  });

  it('does not write twice when the lost commit comes in after the reading back', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.before('commit', () => {
      etcd.delayCommit();
      lost();
    });
    const answer = transact(within(2000, etcd), () => increment('a', ['/n']));
    expect(await answer).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
    expect(etcd.calls.filter((call) => call.startsWith('commit'))).toHaveLength(2);
  });

  const gone = () => {
    throw unavailable('unreachable', 'gone', 'http://a: refused');
  };

  it('asks again when etcd cannot be reached at first', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.after('commit', () => {
      etcd.before('read', gone);
      etcd.before('read', gone);
      lost();
    });
    expect(await transact(within(2000, etcd), () => increment('a'))).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
  });

  it('says that the outcome is unknown when it cannot be read back either', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.after('commit', () => {
      etcd.beforeEvery('read', gone);
      lost();
    });
    const failed = await transact(within(300, etcd), () => increment('a')).catch((thrown) => thrown);
    expect(isOutcomeUnknown(failed)).toBe(true);
    expect(failed).toMatchObject({
      reason: 'outcome unknown',
      details: 'http://a: gone; reading back: http://a: refused',
    });
  });
});
