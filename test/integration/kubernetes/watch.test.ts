import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../shared/datastore/query.ts';
import type { Receiver } from '../../../shared/datastore/watch.ts';
import { Failure } from '../../../shared/error/failure.ts';
import { NOTHING } from '../../../shared/kubernetes/api-config.ts';
import { openApiConnection } from '../../../shared/kubernetes/api-connection.ts';
import { readAccess } from '../../../shared/kubernetes/credentials.ts';
import { V1 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { kubernetesDatastore } from '../../../shared/kubernetes-datastore/datastore.ts';
import { kubernetesFeed } from '../../../shared/kubernetes-datastore/feed.ts';
import { silent } from '../../../shared/log/log.ts';
import { Cancellation } from '../../../shared/system/cancellation.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { until } from '../../support/install/watching.ts';
import { type Answer, type GoingOn, type Style, startServer } from '../../support/kubernetes/fake-server.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';

const NODES = '/api/v1/nodes';
const POOLS = '/apis/crd.projectcalico.org/v1/ippools';
const keys = makeKeys();
const world = { ...fakeWorld({}), elapsed: () => performance.now() };

const node = (name: string, version: string) => ({ metadata: { name, resourceVersion: version } });
const list = (version: string, ...items: readonly object[]) => ({
  kind: 'List',
  metadata: { resourceVersion: version },
  items,
});
const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

/** A server with lists of nodes, the next one after each list that was asked for, whose watches are in the test's hands. */
async function stage(style: Style['style'], lists: readonly object[]) {
  const watches: { readonly version: string; readonly kind: string; readonly answer: GoingOn }[] = [];
  let listed = 0;
  const answer: Answer = ({ path }, respond, _hangUp, _leave, begin) => {
    const { pathname, searchParams } = new URL(path, 'https://localhost');
    const version = searchParams.get('resourceVersion') ?? '';
    if (pathname !== NODES && pathname !== POOLS) return respond(404, {});
    if (searchParams.has('watch')) watches.push({ version, kind: pathname, answer: begin() });
    else respond(200, pathname === POOLS ? list('1') : lists[Math.min(listed++, lists.length - 1)]);
  };
  const server = await startServer(keys, { style }, answer);
  const held = new Map<string, string>();
  let settled = 0;
  const receiver: Receiver = {
    renew: (kinds) => (kinds.includes('Node') ? held.clear() : undefined),
    put: ({ at, version }: Entry) => void held.set(at, version),
    drop: (_, at) => void held.delete(at),
    settle: () => void settled++,
  };
  const signal = new Cancellation();
  const open = () => {
    const ca = { file: keys.ca };
    const readAccessNow = async () => readAccess({ ...NOTHING, server: server.url, ca, source: '' }, {});
    const api = openApiConnection({ readAccess: readAccessNow, world, log: silent });
    const store = kubernetesDatastore({ api, world, node: '', group: V1, endpoints: { reading: 'written', env: {} } });
    return { reading: store.scanReading, close: () => api.close() };
  };
  const feed = kubernetesFeed(['Node', 'IPPool'], open, world);
  const run = () => feed.run(receiver, signal).catch((thrown: unknown) => thrown);
  return {
    run,
    held,
    settled: () => settled,
    signal,
    /** The watches of nodes so far. */
    watches: () => watches.filter(({ kind }) => kind === NODES),
    all: () => watches,
    close: () => server.close(),
  };
}

type Staged = Awaited<ReturnType<typeof stage>>;

const seen = (staged: Staged, ...at: readonly string[]) =>
  until(
    () => [...staged.held.keys()].join() === at.join(),
    () => `${[...staged.held.keys()]} instead of ${at}`,
  );

const watched = (staged: Staged, times: number) =>
  until(
    () => staged.watches().length === times,
    () => `${staged.watches().length} watches instead of ${times}`,
  );

const last = (staged: Staged) => staged.watches().at(-1)?.answer ?? expect.fail();

const STYLES = ['http', 'http1', 'http2'] as const;

describe.each(STYLES)('a watch over %s', (style) => {
  const staged = async (work: (staged: Staged) => Promise<void>, ...lists: readonly object[]) => {
    const opened = await stage(style, lists.length === 0 ? [list('5', node('a', '3'))] : lists);
    try {
      await work(opened);
    } finally {
      opened.signal.cancel();
      opened.close();
    }
  };

  test('begins where the list ended, and passes on each change at once', () =>
    staged(async (on) => {
      void on.run();
      await watched(on, 1);
      expect(on.watches()[0]?.version).toBe('5');
      await seen(on, 'nodes/a');
      last(on).send(event('ADDED', node('b', '6')));
      await seen(on, 'nodes/a', 'nodes/b');
      // Cut within a line.
      const text = event('DELETED', node('a', '7'));
      last(on).send(text.slice(0, 20));
      last(on).send(text.slice(20));
      await seen(on, 'nodes/b');
    }));

  test('is current only when all kinds are watched', () =>
    staged(async (on) => {
      void on.run();
      await until(
        () => on.settled() > 0,
        () => 'not current',
      );
      expect(on.all().length).toBe(2);
    }));

  test('goes on behind the last bookmark when the server has ended it', () =>
    staged(async (on) => {
      void on.run();
      await watched(on, 1);
      last(on).send(event('BOOKMARK', { metadata: { resourceVersion: '90' } }));
      last(on).end();
      await watched(on, 2);
      expect(on.watches()[1]?.version).toBe('90');
      last(on).send(event('ADDED', node('b', '91')));
      await seen(on, 'nodes/a', 'nodes/b');
    }));

  test('lists again when the server no longer has what happened since', () =>
    staged(
      async (on) => {
        void on.run();
        await watched(on, 1);
        last(on).send(event('ERROR', { kind: 'Status', code: 410, message: 'too old resource version' }));
        await watched(on, 2);
        await seen(on, 'nodes/c');
        expect(on.watches()[1]?.version).toBe('50');
      },
      list('5', node('a', '3')),
      list('50', node('c', '40')),
    ));

  test.each([
    ['another error', event('ERROR', { kind: 'Status', code: 500, message: 'storage is gone' }), /storage is gone/],
    ['a line that is no event', 'what?\n', /invalid answer/],
  ])('ends with %s, and goes on from there in the next run', (_, line, why) =>
    staged(async (on) => {
      const ended = on.run();
      await watched(on, 1);
      last(on).send(event('ADDED', node('b', '6')));
      await seen(on, 'nodes/a', 'nodes/b');
      last(on).send(line);
      const failed = await ended;
      expect(failed).toBeInstanceOf(Failure);
      expect(`${(failed as Failure).message} ${(failed as Failure).details}`).toMatch(why);
      void on.run();
      await watched(on, 2);
      expect(on.watches()[1]?.version).toBe('6');
      expect([...on.held.keys()]).toEqual(['nodes/a', 'nodes/b']);
    }),
  );

  test('ends when it is told to', () =>
    staged(async (on) => {
      const ended = on.run();
      await watched(on, 1);
      on.signal.cancel();
      expect(await ended).toBeInstanceOf(Error);
    }));
});
