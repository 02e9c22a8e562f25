import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { briefly, buildProbe, probe, RUNTIMES, type Runtimes } from './runtimes.ts';
import { empty, type Hostile, makeCertificates, overTls } from './servers.ts';

let runtimes: Runtimes;
const open: Hostile[] = [];
const certificates = makeCertificates();
beforeAll(async () => {
  runtimes = await buildProbe();
});
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
afterAll(() => {
  for (const { folder } of [runtimes, certificates]) rmSync(folder, { recursive: true });
});

describe.each(RUNTIMES)('under %s', (runtime) => {
  /** The result of a read when a server with that certificate is reached by this host. */
  async function read(host: string, certificate: string) {
    const server = await overTls(empty, certificates, certificate);
    open.push(server);
    const config = briefly([`https://${host}:${server.port}`]);
    const tls = { ...config.tls, ca: certificates.read('ca.pem') };
    const report = await probe(runtimes[runtime], {
      verb: 'read',
      key: '/k',
      config: { ...config, tls },
      deadline: 5000,
    });
    return { report, requests: server.requests() };
  }

  // As in Go's TLS, the Common Name has not counted since 2020.
  test.each(['common-name', 'other-kinds'])(
    'a host named only in the Common Name of the certificate %s is rejected, with the reason',
    async (certificate) => {
      const { report, requests } = await read('localhost', certificate);
      expect(report).toMatchObject({ code: 999, kind: 'refused' });
      expect(report.details).toMatch(/no subjectAltName for localhost: its Common Name is ignored/);
      expect(requests).toBe(0);
    },
  );

  it.each([
    ['localhost', 'host-name'],
    ['127.0.0.1', 'other-kinds'],
    ['127.0.0.1', 'server'],
    ['[127.0.0.1]', 'server'],
  ])('accepts %s with the certificate %s', async (host, certificate) => {
    expect((await read(host, certificate)).report).toMatchObject({ answer: expect.any(Array) });
  });
});
