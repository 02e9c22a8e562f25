import { Etcd3 } from 'etcd3';
import { expect, onTestFinished, test } from 'vitest';
import { IPAM_CONFIG } from '../../../shared/datastore/ref.ts';
import { handleKey, keyOf } from '../../../shared/etcd/keys.ts';
import { openScan } from '../../../shared/etcd/scan.ts';
import { silent } from '../../../shared/log/log.ts';
import { startEtcd } from './real-etcd.ts';
import { briefly } from './runtimes.ts';
import { world } from './with-store.ts';

/** An answer of 64 MB takes time on a busy machine. */
const PATIENT = { limits: { connect: 9_000, request: 30_000, patience: 60 } };
const name = (at: number) => handleKey(String(at).padStart(3, '0'));

/** An etcd with this many handles, its own client, and a scan. */
async function store(keys: number, valueAt = (at: number) => `value ${at}`) {
  const etcd = await startEtcd();
  onTestFinished(() => etcd.stop());
  const client = new Etcd3({ hosts: etcd.url });
  onTestFinished(() => client.close());
  await client.put(keyOf(IPAM_CONFIG)).value('beside them');
  for (let at = 0; at < keys; at++) await client.put(name(at)).value(valueAt(at));
  const scan = openScan(briefly([etcd.url], PATIENT), world, silent);
  onTestFinished(() => scan.close());
  return { client, scan };
}

test.each([1, 7, 49, 50, 51])('a scan with pages of %i returns every key once, in order', async (size) => {
  const { scan } = await store(50);
  const seen: string[] = [];
  for await (const page of scan.pages({ all: 'handle' }, size)) {
    expect(page.length).toBeLessThanOrEqual(size);
    seen.push(...page.map(({ at, value }) => `${at}=${value}`));
  }
  expect(seen).toEqual(Array.from({ length: 50 }, (_, at) => `${name(at)}=value ${at}`));
});

test('all pages of a scan, even of several kinds, are of one revision', async () => {
  const { client, scan } = await store(30);
  const seen: string[] = [];
  for await (const page of scan.pages({ all: 'handle' }, 5)) {
    seen.push(...page.map(({ value }) => value));
    await client.put(name(29)).value('changed');
    await client.delete().key(name(28));
    await client.put(keyOf(IPAM_CONFIG)).value('changed');
  }
  expect(seen.slice(-2)).toEqual(['value 28', 'value 29']);
  for await (const page of scan.pages({ all: 'ipamConfig' }, 5))
    expect(page.map(({ value }) => value)).toEqual(['beside them']);
  expect(scan.version()).toBe('32');
});

test('a scan without results returns one empty page', async () => {
  const { scan } = await store(0);
  const pages: number[] = [];
  for await (const page of scan.pages({ all: 'handle' }, 5)) pages.push(page.length);
  expect(pages).toEqual([0]);
});

test('a scan requests fewer entries if the page it wants is too large for one answer', async () => {
  const { scan } = await store(60, () => 'x'.repeat(1_400_000));
  const seen: string[] = [];
  for await (const page of scan.pages({ all: 'handle' }, 500)) seen.push(...page.map(({ at }) => at));
  expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => name(at)));
});

test('a scan of a dead etcd names the endpoint and the reason', async () => {
  const scan = openScan(briefly(['http://127.0.0.1:1']), world, silent);
  await expect(scan.pages({ all: 'handle' }, 5).next()).rejects.toThrow(
    /etcd cannot be reached: http:\/\/127\.0\.0\.1:1/,
  );
});
