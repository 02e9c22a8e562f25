import { afterEach, describe, expect, test } from 'vitest';
import { type ApiConnection, openApiConnection } from '../../../shared/kubernetes/api-connection.ts';
import type { Access } from '../../../shared/kubernetes/credentials.ts';
import { isNoAnswer } from '../../../shared/kubernetes/failure.ts';
import { type Log, silent } from '../../../shared/log/log.ts';
import { type Answer, type KubernetesServer, type Style, startServer } from '../../support/kubernetes/fake-server.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';

const KEYS = makeKeys();
const opened: { close(): void }[] = [];
const world = { elapsed: () => performance.now() };
const later = (ms = 10_000): number => world.elapsed() + ms;

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function begin(
  style: Style['style'],
  answer: Answer,
  token: () => string = () => 'T',
  log: Log = silent,
): Promise<{ readonly api: ApiConnection; readonly server: KubernetesServer }> {
  const server = await startServer(KEYS, { style }, answer);
  const access = (): Access => ({
    server: new URL(server.url),
    tls: style === 'http' ? undefined : { verify: false },
    authorization: `Bearer ${token()}`,
    source: '/token',
  });
  const api = openApiConnection({ readAccess: async () => access(), world, log });
  opened.push(api, server);
  return { api, server };
}

const PRECONDITIONS = JSON.stringify({ preconditions: { uid: 'u', resourceVersion: '7' } });

describe.each(['http', 'http1', 'http2'] as const)('over %s', (style) => {
  test('a DELETE arrives with its preconditions, a PATCH with the type of its body', async () => {
    const { api, server } = await begin(style, (_, respond) => respond(200, {}));
    await api.ask({ method: 'DELETE', path: '/a', body: PRECONDITIONS }, later());
    await api.ask({ method: 'PATCH', path: '/b', body: '{}', contentType: 'application/merge-patch+json' }, later());
    await api.ask({ path: '/c', body: undefined }, later());
    expect(server.asked).toMatchObject([
      { method: 'DELETE', body: PRECONDITIONS, contentType: 'application/json' },
      { method: 'PATCH', body: '{}', contentType: 'application/merge-patch+json' },
      { method: 'GET', body: '', contentType: undefined },
    ]);
  });

  test('a connection that breaks after a request was sent leaves its outcome unknown, and the next request opens a new one', async () => {
    let broken = false;
    const { api } = await begin(style, (_, respond, hangUp) => {
      if (broken) return respond(200, {});
      broken = true;
      return hangUp();
    });
    const failed = await api.ask({ method: 'PUT', path: '/a', body: '{}' }, later()).catch((thrown: unknown) => thrown);
    expect(isNoAnswer(failed) && failed.sent).toBe(true);
    expect((await api.ask({ path: '/a', body: undefined }, later())).status).toBe(200);
  });

  test('a server that is unreachable has received nothing', async () => {
    const { api, server } = await begin(style, () => undefined);
    server.close();
    const failed = await api.ask({ method: 'PUT', path: '/a', body: '{}' }, later()).catch((thrown: unknown) => thrown);
    expect(isNoAnswer(failed) && failed.sent).toBe(false);
  });

  test('a server that stays silent is awaited until the deadline', async () => {
    const { api } = await begin(style, () => undefined);
    await api.begin(later());
    const failed = await api.ask({ path: '/a', body: undefined }, later(500)).catch((thrown: unknown) => thrown);
    expect(isNoAnswer(failed) && failed.timedOut).toBe(true);
  });
});

test('renewed credentials are read again once for all rejected requests', async () => {
  let token = 'old';
  let reads = 0;
  const { api } = await begin(
    'http2',
    ({ authorization }, respond) => respond(authorization === 'Bearer new' ? 200 : 401, {}),
    () => {
      reads++;
      return token;
    },
  );
  const ask = () => api.ask({ path: '/a', body: undefined }, later());
  const first = ask();
  await api.opened(later());
  token = 'new';
  const replies = await Promise.all([first, ask(), ask()]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(reads).toBe(2);
});

test('each request is one line of the debug log, without the token and the bodies', async () => {
  const lines: object[] = [];
  const log: Log = { ...silent, debug: (message, fields) => void lines.push({ message, ...fields }) };
  const { api } = await begin(
    'http2',
    ({ path }, respond, hangUp) => (path === '/gone' ? hangUp() : respond(path === '/b' ? 409 : 200, {})),
    () => 'secret',
    log,
  );
  await api.ask({ path: '/a?limit=500', body: undefined }, later());
  await api.ask({ method: 'PUT', path: '/b', body: '{"secret":1}' }, later());
  await api.ask({ method: 'DELETE', path: '/gone', body: '{}' }, later()).catch(() => undefined);
  const ms = expect.any(Number);
  expect(lines.slice(1)).toEqual([
    { message: 'Kubernetes answered', verb: 'GET', path: '/a?limit=500', status: 200, ms },
    { message: 'Kubernetes answered', verb: 'PUT', path: '/b', status: 409, ms },
    { message: 'Kubernetes did not answer', verb: 'DELETE', path: '/gone', reason: expect.any(String), ms },
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('a read that may join an equal one under way gets its answer; others ask themselves', async () => {
  let answered = 0;
  const { api, server } = await begin('http2', (_, respond) => respond(200, { answered: ++answered }));
  const ask = (joins?: true, path = '/a') => api.ask({ path, body: undefined, joins }, later());
  const bodies = (await Promise.all([ask(), ask(true), ask(), ask(true, '/b')])).map(({ body }) => body);
  expect(bodies[1]).toBe(bodies[0]);
  expect(server.asked.map(({ path }) => path).sort()).toEqual(['/a', '/a', '/b']);
  expect((await ask(true)).body).toBe('{"answered":4}');
});
