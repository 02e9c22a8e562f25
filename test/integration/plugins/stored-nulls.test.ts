import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { said } from '../../support/calicoctl/calicoctl.ts';
import { failureOf, silentSuccess } from '../../support/calls/call.ts';
import { conf, POOL4, pool } from '../../support/stored/cluster.ts';
import { poolKey } from '../../support/stored/ipam-world.ts';

type Fields = Record<string, unknown>;

const NEWEST = { conf: conf({ cniVersion: '1.1.0' }) };

/** Changes every value whose key matches. */
async function change({ etcd }: Bed, keys: RegExp, by: (value: Fields) => unknown): Promise<void> {
  const found = Object.entries(await etcd.dump()).filter(([key]) => keys.test(key));
  if (found.length === 0) throw new Error(`nothing at ${keys}`);
  // Sequence numbers exceed what a double holds, so they stay as text.
  const exact = (text: string) => text.replaceAll(/:(\d{16,})/g, ':"@$1@"');
  const changed = found.map(([key, value]) => [
    key,
    JSON.stringify(by(JSON.parse(exact(value)) as Fields)).replaceAll(/"@(\d+)@"/g, '$1'),
  ]);
  await etcd.put(Object.fromEntries(changed));
}

/** Null wherever older versions and other writers leave it. */
async function riddle(bed: Bed): Promise<void> {
  await change(bed, /\/assignment\//, ({ attributes, ...block }) => ({
    ...block,
    attributes: (attributes as Fields[]).map((each) => ({
      ...each,
      alternateOwnerAttrs: null,
      releasedAt: null,
      secondary: null,
    })),
    deleted: null,
    hostAffinity: null,
  }));
  await change(bed, /\/ipam\/v2\/handle\/|\/ipam\/v2\/host\//, (value) => ({ ...value, deleted: null }));
  await change(bed, /\/ippools\//, ({ spec, ...value }) => ({
    ...value,
    status: null,
    spec: { ...(spec as Fields), disabled: null, allowedUses: null, nodeSelector: null },
  }));
  await change(bed, /\/nodes\//, (value) => ({ ...value, metadata: null, spec: null, status: null }));
  await change(bed, /\/workloadendpoints\//, ({ spec, ...value }) => ({
    ...value,
    spec: { ...(spec as Fields), ports: null, profiles: null },
  }));
}

const TEXT = pool('default-ipv4-ippool', '192.168.0.0/16', { disabled: 'true' });
const COMPLAINT =
  /IP pool default-ipv4-ippool is not used: json: cannot unmarshal string into Go struct field IPPool\.spec\.disabled of type bool/;

describe('stored values full of null', () => {
  test('work with every verb and both plugins', async ({ bed }) => {
    const [one, two, three] = [await bed.container(), await bed.container(), await bed.container()];
    for (const each of [one, two]) await bed.add(each);
    await riddle(bed);
    silentSuccess(await bed.call('STATUS', one, NEWEST));
    silentSuccess(await bed.call('STATUS', one, { ...NEWEST, plugin: 'calico-ipam' }));
    const added = await bed.add(three);
    expect(added.ips).toHaveLength(1);
    await bed.add(one);
    await bed.del(one);
    await bed.del(two);
    silentSuccess(await bed.call('DEL', three, { plugin: 'calico-ipam' }));
    await bed.del(three);
    expect(Object.keys(await bed.etcd.dump()).filter((key) => /handle|workloadendpoints/.test(key))).toEqual([]);
    const blocks = Object.values(await bed.etcd.dump('/calico/ipam/v2/assignment/')).join();
    expect(blocks).not.toMatch(/handle_id/);
    await said(bed, 'ipam check');
  });
});

describe('a pool with "disabled" as text', () => {
  test('assigns no addresses, and ADD, STATUS and calicoctl say why', async ({ bed }) => {
    await bed.etcd.put(TEXT);
    const container = await bed.container();
    for (const plugin of ['calico', 'calico-ipam']) {
      for (const [command, code] of [
        ['ADD', 999],
        ['STATUS', 50],
      ] as const) {
        const failure = failureOf(await bed.call(command, container, { ...NEWEST, plugin }));
        expect(failure).toMatchObject({
          code,
          msg: 'cannot find a qualified ippool',
          details: expect.stringMatching(COMPLAINT),
        });
      }
    }
    expect(await said(bed, 'ipam check', 1)).toMatch(COMPLAINT);
  });

  test('beside one that serves is named in the log', async ({ bed }) => {
    const [[key = '', value = ''] = []] = Object.entries(POOL4);
    await bed.etcd.put({
      ...TEXT,
      [poolKey('other')]: value
        .replaceAll(key.slice(key.lastIndexOf('/') + 1), 'other')
        .replaceAll('192.168.', '172.20.'),
    });
    const ran = await bed.call('ADD', await bed.container(), { conf: conf({ log_level: 'info' }) });
    expect([ran.exit, ran.stderr]).toEqual([0, expect.stringMatching(COMPLAINT)]);
  });
});
