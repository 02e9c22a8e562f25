import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EtcdConnection } from '../../../shared/etcd/connection.ts';
import { dial, NoEndpointReached } from '../../../shared/etcd/first-endpoint.ts';
import { TryFailed } from '../../../shared/grpc/try-failed.ts';
import { readEndpoint, type ServerEndpoint } from '../../../shared/net/endpoint.ts';
import { Cancellation, NEVER, type Signal } from '../../../shared/system/cancellation.ts';

const [A, B, C] = ['http://a:1', 'http://b:1', 'http://c:1'].map(readEndpoint) as [
  ServerEndpoint,
  ServerEndpoint,
  ServerEndpoint,
];

const idle = NEVER;

/** Endpoints that connect, fail or do neither after so many milliseconds. Events are recorded in order. */
function network(behaviour: Record<string, { greets?: number; fails?: number }>) {
  const events: string[] = [];
  const connect = (endpoint: ServerEndpoint, signal: Signal) =>
    new Promise<EtcdConnection>((resolve, reject) => {
      const { greets, fails } = behaviour[endpoint.text] ?? {};
      events.push(`try ${endpoint.text}`);
      signal.onCancel(() => events.push(`give up ${endpoint.text}`));
      const connection: EtcdConnection = {
        endpoint,
        usable: () => true,
        call: async () => new Uint8Array(),
        follow: () => new Promise(() => {}),
        close: () => void events.push(`close ${endpoint.text}`),
      };
      if (greets !== undefined) setTimeout(() => resolve(connection), greets);
      if (fails !== undefined) setTimeout(() => reject(new TryFailed(endpoint.text, 'unreachable', 'refused')), fails);
    });
  return { events, connect };
}

/** The outcome of `work` when every timer fires in order, however busy the machine is. */
async function played<T>(work: Promise<T>): Promise<T> {
  // The caller that awaits `work` sees its failure.
  work.catch(() => undefined);
  await vi.runAllTimersAsync();
  return work;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('dial', () => {
  it('tries only the first endpoint while it answers in time', async () => {
    const { events, connect } = network({ [A.text]: { greets: 5 } });
    expect((await played(dial([A, B], 100, idle, connect))).endpoint).toBe(A);
    expect(events.filter((event) => event.startsWith('try'))).toEqual(['try http://a:1']);
  });

  it('tries the next endpoint at once when one refuses', async () => {
    const { events, connect } = network({ [A.text]: { fails: 1 }, [B.text]: { fails: 1 }, [C.text]: { greets: 1 } });
    const began = performance.now();
    expect((await played(dial([A, B, C], 5000, idle, connect))).endpoint).toBe(C);
    expect(performance.now() - began).toBeLessThan(500);
    expect(events.slice(0, 3)).toEqual(['try http://a:1', 'try http://b:1', 'try http://c:1']);
  });

  it('tries the next endpoint beside one that stays silent, and gives up the silent one', async () => {
    const { events, connect } = network({ [A.text]: {}, [B.text]: { greets: 1 } });
    expect((await played(dial([A, B], 30, idle, connect))).endpoint).toBe(B);
    expect(events).toContain('give up http://a:1');
  });

  it('takes a slow endpoint when the others fail', async () => {
    const { connect } = network({ [A.text]: { greets: 60 }, [B.text]: { fails: 1 } });
    expect((await played(dial([A, B], 10, idle, connect))).endpoint).toBe(A);
  });

  it('closes a connection that arrives too late', async () => {
    const { events, connect } = network({ [A.text]: { greets: 60 }, [B.text]: { greets: 1 } });
    await played(dial([A, B], 20, idle, connect));
    expect(events).toContain('close http://a:1');
    expect(events).not.toContain('close http://b:1');
  });

  it('names every endpoint when none answers', async () => {
    const { connect } = network({ [A.text]: { fails: 20 }, [B.text]: { fails: 1 } });
    const failed = await played(dial([A, B], 5, idle, connect)).catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(NoEndpointReached);
    expect(failed.failures.map((one: TryFailed) => one.endpoint)).toEqual([B.text, A.text]);
  });

  it('gives up every endpoint when it is cancelled', async () => {
    const { events, connect } = network({});
    const closing = new Cancellation();
    setTimeout(() => closing.cancel(), 30);
    await expect(played(dial([A, B, C], 10, closing, connect))).rejects.toBeInstanceOf(NoEndpointReached);
    expect(events.filter((event) => event.startsWith('give up'))).toHaveLength(3);
  });

  it('stops at an error that is not about connecting', async () => {
    const connect = async () => {
      throw new Error('bad key file');
    };
    await expect(dial([A, B], 5, idle, connect)).rejects.toThrow('bad key file');
  });
});
