import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import { countBetween, type KeyStore, keysBetween, one, under, valuesBetween } from '../../../shared/etcd/key-store.ts';
import type { Order } from './probe.ts';
import { layCable, type RealEtcd, startEtcd } from './real-etcd.ts';
import { briefly, buildProbe, probe, RUNTIMES, type Runtimes } from './runtimes.ts';
import { makeCertificates } from './servers.ts';
import { soon, withStore } from './with-store.ts';

const started: RealEtcd[] = [];
const certificates = makeCertificates();
let runtimes: Runtimes;
let etcd: RealEtcd;
let other: Etcd3;

async function start(flags: readonly string[] = []): Promise<RealEtcd> {
  const fresh = await startEtcd(flags);
  started.push(fresh);
  return fresh;
}

beforeAll(async () => {
  [runtimes, etcd] = await Promise.all([buildProbe(), start()]);
  // An independent client on gRPC's own library sees what we write and writes what we read.
  other = new Etcd3({ hosts: etcd.url });
});
afterAll(async () => {
  other?.close();
  await Promise.all(started.map((one) => one.stop()));
  for (const { folder } of [runtimes, certificates]) rmSync(folder, { recursive: true });
});

const here = <T>(work: (store: KeyStore) => Promise<T>) => withStore(briefly([etcd.url]), work);

describe('a key store', () => {
  it('reads what another client wrote, in byte order, all at one revision', async () => {
    const keys = ['/r/z', '/r/ü', '/r/\uffee', '/r/😀'];
    for (const key of keys) await other.put(key).value(`value of ${key}`);
    const [whole, single, absent, names, count, first] = await here((store) =>
      store.read(
        [
          under('/r/'),
          one('/r/ü'),
          one('/r/none'),
          keysBetween('/r/', '/r0', 2),
          countBetween('/r/', '/r0'),
          valuesBetween('/r/', '/r0', 1),
        ],
        soon(),
      ),
    );
    expect(whole?.entries.map(({ key, value }) => [key, value])).toEqual(keys.map((key) => [key, `value of ${key}`]));
    expect(single?.entries).toEqual([whole?.entries[1]]);
    expect(absent).toEqual({ entries: [], more: false, count: 0 });
    expect(names).toEqual({
      entries: whole?.entries.slice(0, 2).map((entry) => ({ ...entry, value: '' })),
      more: true,
      count: 4,
    });
    expect(count).toEqual({ entries: [], more: false, count: 4 });
    expect(first).toEqual({ entries: whole?.entries.slice(0, 1), more: true, count: 4 });
    expect(single?.entries[0]?.modRevision).toBe(Number((await other.get('/r/ü').exec()).kvs[0]?.mod_revision));
  });

  it('writes and deletes in one transaction if all compares succeed', async () => {
    await other.put('/w/old').value('1');
    const done = await here(async (store) => {
      const [old] = await store.read([one('/w/old')], soon());
      const compares = [
        { key: '/w/old', modRevision: old?.entries[0]?.modRevision ?? 0 },
        { key: '/w/new', modRevision: 0 },
      ];
      const writes = [
        { key: '/w/old', value: undefined },
        { key: '/w/new', value: '{"ü":"😀"}' },
      ];
      return store.commit(compares, writes, soon());
    });
    expect(done).toMatchObject({ done: true });
    expect(await other.getAll().prefix('/w/').strings()).toEqual({ '/w/new': '{"ü":"😀"}' });
  });

  it('writes nothing if one compare fails, and returns all current values', async () => {
    await other.put('/c/a').value('A');
    const result = await here((store) =>
      store.commit(
        [
          { key: '/c/a', modRevision: 1 },
          { key: '/c/b', modRevision: 0 },
        ],
        [{ key: '/c/b', value: 'B' }],
        soon(),
      ),
    );
    expect(result).toEqual({ done: false, fresh: [{ key: '/c/a', value: 'A', modRevision: expect.any(Number) }] });
    expect(await other.get('/c/b').string()).toBeNull();
  });

  it("reports what etcd rejects with etcd's message", async () => {
    const twice = [
      { key: '/t', value: '1' },
      { key: '/t', value: '2' },
    ];
    const refused = await here((store) => store.commit([], twice, soon())).catch((thrown) => thrown);
    expect(toCniError(refused)).toMatchObject({
      code: 999,
      details: `${etcd.url}: etcdserver: duplicate key given in txn request`,
    });
  });

  it('reads and writes values far larger than a flow-control window', async () => {
    const value = 'ü'.repeat(500_000);
    await here((store) => store.commit([], [{ key: '/large', value }], soon()));
    expect(await other.get('/large').string()).toBe(value);
    const [answer] = await here((store) => store.read([one('/large')], soon()));
    expect(answer?.entries[0]?.value === value).toBe(true);
  });

  it('connects through any of several endpoints', async () => {
    const [answer] = await withStore(briefly(['http://127.0.0.1:1', 'nonsense', etcd.url]), (store) =>
      store.read([one('/none')], soon()),
    );
    expect(answer?.count).toBe(0);
  });
});

const order = (verb: Order['verb'], key: string, config: EtcdConfig): Order => ({
  verb,
  key,
  config,
  deadline: 20_000,
});

describe.each(RUNTIMES)('under %s', (runtime) => {
  const run = (asked: Order) => probe(runtimes[runtime], asked);

  it('writes and reads back a value of a megabyte', async () => {
    const order: Order = { config: briefly([etcd.url]), verb: 'large', key: `/large/${runtime}`, deadline: 5000 };
    expect(await probe(runtimes[runtime], order)).toMatchObject({ answer: true });
  });

  it('counts correctly with competing processes', async () => {
    const key = `/count/${runtime}`;
    const reports = await Promise.all(
      Array.from({ length: 8 }, () => run(order('increment', key, briefly([etcd.url])))),
    );
    expect(reports.map((report) => Number(report.answer)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await other.get(key).string()).toBe('8');
  });

  test.each(['before', 'after'] as const)(
    'counts once when the connection is cut just %s the commit arrives',
    async (moment) => {
      const key = `/cut/${runtime}/${moment}`;
      const cable = await layCable(etcd.url);
      await other.put(key).value('41');
      // Field 2 of a PutRequest, two bytes long: the new value.
      cable.cut(moment, '\x12\x0242');
      const report = await run(order('increment', key, briefly([cable.url])));
      cable.close();
      expect(cable.wasCut()).toBe(true);
      expect(report).toMatchObject({ answer: 42 });
      expect(await other.get(key).string()).toBe('42');
      const history = await other.get(key).exec();
      expect(history.kvs[0]?.version).toBe('2');
    },
  );

  it('speaks mutual TLS, and says whose certificate is rejected', async () => {
    const file = (name: string) => join(certificates.folder, name);
    const secure = await start([
      ...['--cert-file', file('server.pem'), '--key-file', file('server.key')],
      ...['--trusted-ca-file', file('ca.pem'), '--client-cert-auth'],
    ]);
    const pair = (name: string) => ({ cert: certificates.read(`${name}.pem`), key: certificates.read(`${name}.key`) });
    const config = briefly([secure.url]);
    const tls = { ...config.tls, ca: certificates.read('ca.pem') };
    const ciphers = ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'];
    for (const settings of [{}, { minVersion: 'TLSv1.3' as const }, { ciphers }]) {
      const good = await run(
        order('increment', '/n', { ...config, tls: { ...tls, pair: pair('client'), ...settings } }),
      );
      expect(good.answer).toBeGreaterThan(0);
    }
    for (const bad of [undefined, pair('stranger')]) {
      const report = await run(order('read', '/n', { ...config, tls: { ...tls, pair: bad } }));
      expect(report).toMatchObject({ code: 999, kind: 'refused', details: expect.stringMatching(/etcd_cert_file/) });
    }
  });
});
