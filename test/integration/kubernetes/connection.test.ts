import { afterEach, describe, expect, test } from 'vitest';
import type { Access } from '../../../shared/kubernetes/credentials.ts';
import { isNoAnswer } from '../../../shared/kubernetes/failure.ts';
import { type Line, openLine } from '../../../shared/kubernetes/line.ts';
import { silent } from '../../../shared/log/log.ts';
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
): Promise<{ readonly line: Line; readonly server: KubernetesServer }> {
  const server = await startServer(KEYS, { style }, answer);
  const access = (): Access => ({
    server: new URL(server.url),
    tls: style === 'http' ? undefined : { rejectUnauthorized: false },
    authorization: `Bearer ${token()}`,
    source: '/token',
  });
  const line = openLine({ readAccess: async () => access(), world, log: silent });
  opened.push(line, server);
  return { line, server };
}

const PRECONDITIONS = JSON.stringify({ preconditions: { uid: 'u', resourceVersion: '7' } });

describe.each(['http', 'http1', 'http2'] as const)('over %s', (style) => {
  test('a DELETE arrives with its preconditions, a PATCH with the type of its body', async () => {
    const { line, server } = await begin(style, (_, respond) => respond(200, {}));
    await line.ask({ method: 'DELETE', path: '/a', body: PRECONDITIONS }, later());
    await line.ask({ method: 'PATCH', path: '/b', body: '{}', contentType: 'application/merge-patch+json' }, later());
    await line.ask({ path: '/c', body: undefined }, later());
    expect(server.asked).toMatchObject([
      { method: 'DELETE', body: PRECONDITIONS, contentType: 'application/json' },
      { method: 'PATCH', body: '{}', contentType: 'application/merge-patch+json' },
      { method: 'GET', body: '', contentType: undefined },
    ]);
  });

  test('a connection that breaks after a request was sent leaves its outcome unknown, and the next request opens a new one', async () => {
    let broken = false;
    const { line } = await begin(style, (_, respond, hangUp) => {
      if (broken) return respond(200, {});
      broken = true;
      return hangUp();
    });
    const failed = await line
      .ask({ method: 'PUT', path: '/a', body: '{}' }, later())
      .catch((thrown: unknown) => thrown);
    expect(isNoAnswer(failed) && failed.sent).toBe(true);
    expect((await line.ask({ path: '/a', body: undefined }, later())).status).toBe(200);
  });

  test('a server that is unreachable has received nothing', async () => {
    const { line, server } = await begin(style, () => undefined);
    server.close();
    const failed = await line
      .ask({ method: 'PUT', path: '/a', body: '{}' }, later())
      .catch((thrown: unknown) => thrown);
    expect(isNoAnswer(failed) && failed.sent).toBe(false);
  });

  test('a server that stays silent is awaited until the deadline', async () => {
    const { line } = await begin(style, () => undefined);
    await line.begin(later());
    const failed = await line.ask({ path: '/a', body: undefined }, later(500)).catch((thrown: unknown) => thrown);
    expect(isNoAnswer(failed) && failed.timedOut).toBe(true);
  });
});

test('renewed credentials are read again once for all rejected requests', async () => {
  let token = 'old';
  let reads = 0;
  const { line } = await begin(
    'http2',
    ({ authorization }, respond) => respond(authorization === 'Bearer new' ? 200 : 401, {}),
    () => {
      reads++;
      return token;
    },
  );
  const ask = () => line.ask({ path: '/a', body: undefined }, later());
  const first = ask();
  await line.opened(later());
  token = 'new';
  const replies = await Promise.all([first, ask(), ask()]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(reads).toBe(2);
});
