import { describe, expect, it } from 'vitest';
import { transact } from '../../../shared/datastore/transaction.ts';
import { isOutcomeUnknown, unavailable } from '../../../shared/datastore/unavailable.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { increment, within, world } from './transacting.ts';

describe('transact, when a commit gets no answer', () => {
  const lost = () => {
    throw unavailable('outcome unknown', 'no answer', 'http://a: gone');
  };

  it('detects that it was applied, and does not repeat it', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.after('commit', lost);
    expect(await transact(within(1000, etcd), () => increment('a'))).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
    expect(etcd.calls).toEqual(['read /n /by/a', 'commit /n /by/a', 'read /n /by/a']);
  });

  it('detects that it was not applied, and commits again', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.before('commit', lost);
    expect(await transact(within(1000, etcd), () => increment('a'))).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
  });

  it('detects that it was applied although the deadline has just passed', async () => {
    const etcd = connected({ '/n': '1' });
    const options = within(40, etcd);
    etcd.after('commit', () => {
      while (world.elapsed() < options.deadline);
      lost();
    });
    expect(await transact(options, () => increment('a'))).toBe(2);
  });

  it('does not write twice when the lost commit is applied after it read back', async () => {
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

  it('retries the read when etcd is unreachable at first', async () => {
    const etcd = connected({ '/n': '1' });
    etcd.after('commit', () => {
      etcd.before('read', gone);
      etcd.before('read', gone);
      lost();
    });
    expect(await transact(within(2000, etcd), () => increment('a'))).toBe(2);
    expect(etcd.dump()).toEqual({ '/n': '2', '/by/a': '2' });
  });

  it('reports an unknown outcome when it cannot read back either', async () => {
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
