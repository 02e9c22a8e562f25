import { copyFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForTests } from '../../support/bed/for-tests.ts';
import { openBed } from '../../support/bed/open-bed.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { readFigures } from '../../support/calicoctl/exposition.ts';
import { ask, HASH, type Serving, sendRaw, serveMetrics } from '../../support/calicoctl/serving.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';

const KEYS = makeKeys();

describe('without TLS', () => {
  const bed = openForTests(openBed);
  let serving: Serving;
  const url = (path = '/metrics') => `http://127.0.0.1:${serving.port}${path}`;
  beforeAll(async () => {
    serving = await serveMetrics(bed);
  });
  afterAll(async () => void (await serving.end('SIGKILL')));

  test('the figures are served in the text format', async () => {
    const { status, headers, body } = await ask(bed, { url: url() });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(readFigures(body).value('ipam_datastore_up')).toBe(1);
    expect(readFigures(body).sum('ipam_ippool_size')).toBe(65_536);
  });

  test('the findings of a check come with a later request', async () => {
    await expect
      .poll(async () => (await ask(bed, { url: url() })).body, { timeout: 20_000 })
      .toContain('ipam_check_findings{kind="leaked",severity="fault"} 0');
  });

  test.each([
    ['GET', '/', 200],
    ['GET', '/metrics?x=y', 200],
    ['HEAD', '/metrics', 200],
    ['GET', '/other', 404],
    ['GET', '/metrics/', 404],
    ['POST', '/metrics', 405],
  ])('%s %s is answered with %d', async (method, path, status) => {
    expect(await ask(bed, { url: url(path), method })).toMatchObject({ status });
  });

  test.each([
    ['no request at all', 'hello\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a head that is too large', `GET / HTTP/1.1\r\na: ${'x'.repeat(9000)}`, 431],
    ['a head that is too large and ends', `GET / HTTP/1.1\r\na: ${'x'.repeat(9000)}\r\n\r\n`, 431],
  ])('%s is refused', async (_, text, status) => {
    const { body } = await raceAnswer(text);
    expect(body).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  /** The answer, without waiting for the server to close the connection. */
  async function raceAnswer(text: string): Promise<{ readonly body: string }> {
    const script = `const s=require('node:net').connect(${serving.port},'127.0.0.1');s.on('data',(d)=>{console.log(String(d));s.destroy()});s.on('error',()=>{});s.write(${JSON.stringify(text)})`;
    return { body: (await bed.host.run(process.execPath, ['-e', script])).stdout };
  }

  test('many slow clients neither stop it nor make it grow', async () => {
    const before = memory();
    const slow = sendRaw(bed, serving.port, { text: 'GET / HTTP/1.1\r\n', count: 200, every: 200 });
    for (let count = 0; count < 5; count++) expect((await ask(bed, { url: url() })).status).toBe(200);
    expect(new Set(await slow)).toEqual(new Set(['']));
    expect(memory() - before).toBeLessThan(8_000);
    expect((await ask(bed, { url: url() })).status).toBe(200);
  });

  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving.pid}/status`, 'utf8'))?.[1]);

  const sockets = () => {
    const folder = `/proc/${serving.pid}/fd`;
    return readdirSync(folder).filter((fd) => readlinkSync(`${folder}/${fd}`).startsWith('socket:')).length;
  };

  test('those who ask at once share one reading of the datastore', async () => {
    const before = sockets();
    bed.etcd.pause();
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '60' };
    const asking = Array.from({ length: 8 }, () => ask(bed, { url: url(), headers }));
    await expect.poll(() => sockets() - before, { timeout: 30_000 }).toBeGreaterThanOrEqual(8);
    // Each sends its request as soon as it is connected.
    await sleep(500);
    bed.etcd.resume();
    const bodies = (await Promise.all(asking)).map(({ body }) => readFigures(body).value('ipam_read_duration_seconds'));
    expect(new Set(bodies).size).toBe(1);
  });

  test('without a datastore it says so within the time of the scrape, and works again afterwards', async () => {
    bed.etcd.pause();
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '2' };
    await expect
      .poll(async () => readFigures((await ask(bed, { url: url(), headers })).body).value('ipam_datastore_up'), {
        timeout: 90_000,
        interval: 1000,
      })
      .toBe(0);
    bed.etcd.resume();
    await expect
      .poll(async () => readFigures((await ask(bed, { url: url(), headers })).body).value('ipam_datastore_up'), {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(1);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it', async (signal) => {
    const other = await serveMetrics(bed);
    expect(await other.end(signal)).toMatchObject({ code: 0 });
  });

  test('an address that is taken is refused', async () => {
    expect(await calicoctl(bed, `ipam metrics --listen=127.0.0.1:${serving.port}`)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining(`cannot listen on 127.0.0.1:${serving.port}: listen EADDRINUSE`),
    });
  });
});

describe('with a web-config', () => {
  const bed = openForTests(openBed);
  const FOLDER = '/run/calico-test/web';
  const path = (name: string) => bed.host.file(`${FOLDER}/${name}`);
  beforeAll(() => {
    mkdirSync(path(''));
    for (const [from, to] of [
      [KEYS.serverCert, 'tls.crt'],
      [KEYS.serverKey, 'tls.key'],
      [KEYS.ca, 'ca.crt'],
    ] as const)
      copyFileSync(from, path(to));
  });

  const serve = (yaml: string) => {
    writeFileSync(path('web-config.yml'), yaml);
    return serveMetrics(bed, [`--web-config-file=${FOLDER}/web-config.yml`]);
  };
  const TLS = 'tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n';

  test('TLS and basic authentication guard every path', async () => {
    const serving = await serve(`${TLS}basic_auth_users:\n  prometheus: ${HASH}\n`);
    const url = (path: string) => `https://127.0.0.1:${serving.port}${path}`;
    const { ca } = KEYS;
    expect(await ask(bed, { url: url('/metrics'), ca, user: 'prometheus:secret' })).toMatchObject({ status: 200 });
    for (const path of ['/metrics', '/', '/other'])
      for (const user of ['prometheus:wrong', 'other:secret', 'prometheus:'])
        expect(await ask(bed, { url: url(path), ca, user })).toMatchObject({ status: 401 });
    const { status, headers } = await ask(bed, { url: url('/metrics'), ca });
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic']);
    expect(await ask(bed, { url: `http://127.0.0.1:${serving.port}/metrics` })).toMatchObject({ status: 0 });
    await serving.end('SIGTERM');
  });

  test('clients must show a certificate where it says so', async () => {
    const serving = await serve(
      `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  min_version: TLS13\n`,
    );
    const url = `https://127.0.0.1:${serving.port}/metrics`;
    const { ca, clientCert: cert, clientKey: key } = KEYS;
    expect(await ask(bed, { url, ca, cert, key })).toMatchObject({ status: 200 });
    expect(await ask(bed, { url, ca })).toMatchObject({ status: 0 });
    expect(await ask(bed, { url, ca, cert: KEYS.expired.clientCert, key })).toMatchObject({ status: 0 });
    await serving.end('SIGTERM');
  });

  test('a renewed certificate is used, and a broken one is not', async () => {
    const serving = await serve(TLS);
    const url = `https://127.0.0.1:${serving.port}/metrics`;
    const fresh = makeKeys();
    expect(await ask(bed, { url, ca: KEYS.ca })).toMatchObject({ status: 200 });
    writeFileSync(path('tls.crt'), 'broken');
    await expect.poll(() => serving.said(), { timeout: 30_000 }).toContain('the web-config is not used: ');
    expect(await ask(bed, { url, ca: KEYS.ca })).toMatchObject({ status: 200 });
    copyFileSync(fresh.serverCert, path('tls.crt'));
    copyFileSync(fresh.serverKey, path('tls.key'));
    await expect
      .poll(async () => (await ask(bed, { url, ca: fresh.ca })).status, { timeout: 30_000, interval: 500 })
      .toBe(200);
    await serving.end('SIGTERM');
  });

  test.each([
    ['', 200],
    ['http_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n', 200],
  ])('%j serves without TLS', async (yaml, status) => {
    const serving = await serve(yaml);
    const answer = await ask(bed, { url: `http://127.0.0.1:${serving.port}/metrics` });
    expect(answer.status).toBe(status);
    expect(answer.headers['x-frame-options']).toBe(yaml === '' ? undefined : 'deny');
    await serving.end('SIGTERM');
  });

  test('the password of a hash by another program is known', async () => {
    // Made by PHP, as htpasswd makes them.
    const php = '$2y$10$.vGA1O9wmRjrwAVXD98HNOgsNpDczlqm3Jq7KnEd1rVAGv3Fykk1a';
    const serving = await serve(`basic_auth_users:\n  a: ${php}\n`);
    const url = `http://127.0.0.1:${serving.port}/metrics`;
    expect(await ask(bed, { url, user: 'a:rasmuslerdorf' })).toMatchObject({ status: 200 });
    expect(await ask(bed, { url, user: 'a:rasmuslerdorg' })).toMatchObject({ status: 401 });
    await serving.end('SIGTERM');
  });
});
