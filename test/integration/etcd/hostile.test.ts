import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import type { Order } from './probe.ts';
import { briefly, buildProbe, probe, RUNTIMES, type Runtimes } from './runtimes.ts';
import {
  answers,
  bare,
  breaksOff,
  empty,
  type Hostile,
  hangsUp,
  http2,
  isProxy,
  leaves,
  makeCertificates,
  overTls,
  says,
} from './servers.ts';

let runtimes: Runtimes;
const open: Hostile[] = [];
const certificates = makeCertificates();
beforeAll(async () => {
  runtimes = await buildProbe();
});
afterAll(() => {
  for (const server of open) server.close();
  for (const { folder } of [runtimes, certificates]) rmSync(folder, { recursive: true });
});

const STATUS_0 = { 'grpc-status': '0' };
const WHOLE_TXN = [0, 0, 0, 0, 2, 0x10, 1];

/** Servers that receive the request, so that it is unknown whether a commit was applied. */
const TAKERS: Record<string, [() => Promise<Hostile>, RegExp]> = {
  'closes the connection': [() => http2(hangsUp), /connection closed before the answer was complete/],
  'starts an answer and disconnects': [() => http2(breaksOff), /connection closed before the answer was complete/],
  'never answers': [() => http2(() => {}), /no answer within 0.4 s/],
  'answers with headers only': [() => http2(answers([])), /before the answer was complete/],
  'answers a whole message without a status': [() => http2(answers(WHOLE_TXN)), /before the answer was complete/],
  'answers status 0 without a message': [() => http2(answers([], STATUS_0)), /0 bytes and no message/],
  'answers status 0 in headers alone': [() => http2(says(0, '')), /0 bytes and no message/],
  'answers half a message with status 0': [
    () => http2(answers([0, 0, 0, 0, 9, 1], STATUS_0)),
    /ends after 1 of 9 bytes/,
  ],
  'answers two messages': [() => http2(answers([...WHOLE_TXN, ...WHOLE_TXN], STATUS_0)), /more than one message/],
  'answers a message that is truncated inside': [
    () => http2(answers([0, 0, 0, 0, 2, 0x1a, 9], STATUS_0)),
    /unreadable answer.*too early/,
  ],
  'answers HTTP 502': [() => http2(isProxy), /HTTP status 502/],
  'sends GOAWAY, then closes the connection': [() => http2(leaves), /before the answer was complete/],
  'resets the connection with an error code': [
    () => http2((stream) => stream.session?.goaway(2)),
    /code 2|INTERNAL_ERROR|before the answer/,
  ],
  'resets the stream': [() => http2((stream) => stream.close(2)), /INTERNAL_ERROR/],
  'answers status 14': [() => http2(says(14, 'etcdserver: request timed out')), /etcdserver: request timed out/],
  'answers that there is no leader': [() => http2(says(14, 'etcdserver: no leader')), /etcdserver: no leader/],
};

/** Servers that certainly have applied nothing. */
const STRANGERS: Record<string, [() => Promise<Hostile>, RegExp]> = {
  'accepts and closes': [() => bare((socket) => socket.end()), /closed/],
  'resets every connection': [() => bare((socket) => socket.resetAndDestroy()), /ECONNRESET|closed/],
  'accepts and is silent': [() => bare(() => {}), /no connection within 0.4 s/],
  'speaks HTTP/1.1': [() => bare((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')), /./],
  'sends garbage': [() => bare((socket) => void socket.write(Buffer.alloc(4096, 0xa5))), /./],
  'refuses the stream': [() => http2((stream) => stream.close(7)), /REFUSED_STREAM/],
  'speaks TLS to a plain client': [() => overTls(empty, certificates, 'server'), /does this etcd require https/],
};

/** For servers that let the client wait. */
const SOON = { limits: { connect: 400, request: 400, patience: 60 } };
/** So that the rest of the call's time, including a fraction of a millisecond, is the limit. */
const UNLIMITED = { connect: 9000, request: 9000, patience: 60 };
const limitsFor = (name: string) => (/silent|never|no leader/.test(name) ? SOON : {});

const order = (verb: Order['verb'], config: EtcdConfig): Order => ({ verb, key: '/k', config, deadline: 5000 });
async function started(start: () => Promise<Hostile>): Promise<Hostile> {
  const server = await start();
  open.push(server);
  return server;
}
const plain = (...servers: readonly Hostile[]) => servers.map((server) => `http://127.0.0.1:${server.port}`);

describe.each(RUNTIMES)('under %s', (runtime) => {
  const run = (asked: Order) => probe(runtimes[runtime], asked);

  it('reads from a server that behaves', async () => {
    const { answer } = await run(order('read', briefly(plain(await started(() => http2(empty))))));
    expect(answer).toEqual([
      { entries: [], more: false, count: 0 },
      { entries: [], more: false, count: 0 },
    ]);
  });

  test.each(Object.entries({ ...TAKERS, ...STRANGERS }))(
    'a read fails when the server %s',
    async (name, [start, reason]) => {
      const server = await started(start);
      const report = await run(order('read', briefly(plain(server), limitsFor(name))));
      expect(report).toMatchObject({ code: 11, kind: expect.stringMatching(/^(unreachable|timed out|no leader)$/) });
      expect(report.details).toMatch(reason);
      expect(report.details).toContain(`http://127.0.0.1:${server.port}: `);
      // A hang is not a delay: each step is limited to 3 seconds.
      expect(report.total).toBeLessThan(20_000);
    },
  );

  test.each(Object.entries(TAKERS))(
    'a commit has an unknown outcome when the server %s',
    async (name, [start, reason]) => {
      const server = await started(start);
      const report = await run(order('commit', briefly(plain(server), limitsFor(name))));
      expect(report).toMatchObject({ code: 11, kind: 'outcome unknown', details: expect.stringMatching(reason) });
      expect(server.requests()).toBe(1);
    },
  );

  test.each(Object.entries(STRANGERS))(
    'a commit is known not to be applied when the server %s',
    async (name, [start]) => {
      const report = await run(order('commit', briefly(plain(await started(start)), limitsFor(name))));
      expect(report).toMatchObject({ code: 11, kind: expect.stringMatching(/^(unreachable|timed out)$/) });
    },
  );

  test.each(Object.entries({ ...TAKERS, ...STRANGERS }))(
    'a read tries the next endpoint when the first %s',
    async (name, [start]) => {
      const first = await started(start);
      const second = await started(() => http2(empty));
      const report = await run(order('read', briefly(plain(first, second), limitsFor(name))));
      expect(report).toMatchObject({ answer: expect.any(Array) });
      expect(second.requests()).toBe(1);
    },
  );

  it('names every endpoint with its own reason', async () => {
    const silent = await started(() => bare(() => {}));
    const report = await run(order('read', briefly(['http://127.0.0.1:1', ...plain(silent), 'nonsense'], SOON)));
    expect(report).toMatchObject({ code: 11, kind: 'timed out' });
    expect(report.msg).toBe(`etcd does not answer: http://127.0.0.1:1, nonsense, http://127.0.0.1:${silent.port}`);
    expect(report.details).toMatch(
      /^http:\/\/127.0.0.1:1: connect ECONNREFUSED.*; nonsense: not an endpoint.*; .*no connection/,
    );
  });

  it('does not wait for a silent endpoint when another connects', async () => {
    const [silent, good] = [await started(() => bare(() => {})), await started(() => http2(empty))];
    const limits = { connect: 5000, request: 5000, patience: 100 };
    const report = await run(order('read', briefly(plain(silent, good), { limits })));
    expect(report.answer).toBeDefined();
    expect(report.total).toBeLessThan(limits.connect);
  });

  test.each([
    ['answers', () => http2(() => {})],
    ['greets', () => bare(() => {})],
  ])('lets the process exit once it is closed, although the server never %s', async (_, start) => {
    const report = await run(order('abandon', briefly(plain(await started(start)))));
    expect(report.answer).toBe('closed');
    expect(report.total).toBeLessThan(2000);
  });

  it('ends at its own deadline, whatever the limits of a single try', async () => {
    const server = await started(() => http2(() => {}));
    const limits = { connect: 5000, request: 5000, patience: 100 };
    const report = await run({ ...order('read', briefly(plain(server), { limits })), deadline: 300 });
    expect(report).toMatchObject({ code: 11, kind: 'timed out' });
    expect(report.ms).toBeLessThan(900);
  });

  it('waits until a leader is elected', async () => {
    let asked = 0;
    const electing = () =>
      http2((stream, socket) => (++asked < 3 ? says(14, 'etcdserver: no leader') : empty)(stream, socket));
    const report = await run(order('read', briefly(plain(await started(electing)))));
    expect(report.answer).toBeDefined();
  });

  it('reports to a TLS client that the server does not speak TLS', async () => {
    const server = await started(() => http2(empty));
    const [named, bareName] = [`https://127.0.0.1:${server.port}`, `127.0.0.1:${server.port}`];
    expect((await run(order('read', briefly([named])))).details).toMatch(/does this etcd use TLS\?/);
    expect((await run(order('read', briefly([bareName])))).details).toMatch(/write http:\/\/ if this etcd does not/);
  });

  test.each([
    ['is signed by an unknown authority', 'server', 'other-ca.pem', /not trusted/],
    ['names another host', 'elsewhere', 'ca.pem', /not trusted/],
  ])('rejects permanently a server whose certificate %s', async (_, name, ca, reason) => {
    const server = await started(() => overTls(empty, certificates, name));
    const config = briefly([`https://127.0.0.1:${server.port}`]);
    const report = await run(order('read', { ...config, tls: { ...config.tls, ca: certificates.read(ca) } }));
    expect(report).toMatchObject({ code: 999, kind: 'refused', details: expect.stringMatching(reason) });
    expect(server.requests()).toBe(0);
  });

  it("rejects a key that does not match the certificate, with the etcd client's message", async () => {
    const config = briefly(['https://127.0.0.1:1']);
    const pair = { cert: certificates.read('client.pem'), key: certificates.read('server.key') };
    const report = await run(order('read', { ...config, tls: { ...config.tls, pair } }));
    expect(report).toMatchObject({
      code: 999,
      kind: 'refused',
      msg: 'could not initialize etcdv3 client: tls: private key does not match public key',
    });
  });

  it('names the DNS records it looked up when no endpoint is found', async () => {
    const report = await run(order('read', briefly([], { discoverySrv: 'nosuch.invalid', limits: UNLIMITED })));
    expect(report).toMatchObject({ code: 11, kind: 'unreachable' });
    expect(report.msg).toMatch(
      /^failed to discover etcd endpoints through SRV discovery: .*_etcd-client-ssl\._tcp\..*_etcd-client\._tcp\./,
    );
  });
});
