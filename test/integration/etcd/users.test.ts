import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import { one } from '../../../shared/etcd/key-store.ts';
import { type RealEtcd, startEtcd } from './real-etcd.ts';
import { briefly } from './runtimes.ts';
import { soon, withStore } from './with-store.ts';

describe('users', () => {
  let guarded: RealEtcd;
  let open: RealEtcd;
  let admin: Etcd3;
  const as = (name: string, password: string) => briefly([guarded.url], { user: { name, password } });
  const read = (config: EtcdConfig, key = '/mine/a') => withStore(config, (store) => store.read([one(key)], soon()));

  beforeAll(async () => {
    [guarded, open] = await Promise.all([startEtcd(), startEtcd()]);
    const setup = new Etcd3({ hosts: guarded.url });
    await setup.put('/mine/a').value('1');
    await setup.user('root').create('top');
    await setup.role('root').create();
    await setup.user('root').addRole('root');
    await setup.role('mine').create();
    await setup.role('mine').grant({ permission: 'Readwrite', range: setup.range({ prefix: '/mine/' }) });
    await setup.user('cni').create('s3cret');
    await setup.user('cni').addRole('mine');
    await setup.auth.authEnable();
    setup.close();
    admin = new Etcd3({ hosts: guarded.url, auth: { username: 'root', password: 'top' } });
  });
  afterAll(async () => {
    admin?.close();
    await Promise.all([guarded.stop(), open.stop()]);
  });

  it('log in with name and password', async () => {
    const [answer] = await read(as('cni', 's3cret'));
    expect(answer?.entries[0]?.value).toBe('1');
  });

  test.each([
    ['a wrong password', () => as('cni', 'wrong-one'), '/mine/a', /refuses the user "cni" or its password/],
    ['an unknown user', () => as('nobody', 's3cret'), '/mine/a', /refuses the user "nobody"/],
    ['no user', () => briefly([guarded.url]), '/mine/a', /requires authentication/],
    ['a key without permission', () => as('cni', 's3cret'), '/other', /does not let the user "cni"/],
  ])('are rejected with %s, permanently and without the password in the error', async (_, config, key, msg) => {
    const refused = toCniError(await read(config(), key).catch((thrown) => thrown));
    expect(refused).toMatchObject({ code: 999, message: expect.stringMatching(msg) });
    expect(refused.details).toMatch(/etcdserver: /);
    expect(JSON.stringify([refused.message, refused.details])).not.toMatch(/s3cret|wrong-one/);
  });

  it('log in again each time their token is no longer valid', async () => {
    await withStore(as('cni', 's3cret'), async (store) => {
      await store.read([one('/mine/a')], soon());
      for (const value of ['2', '3', '4']) {
        // Setting the password, even to the same value, invalidates all tokens of the user.
        await admin.auth.userChangePassword({ name: 'cni', password: 's3cret' });
        expect(await store.commit([], [{ key: '/mine/a', value }], soon())).toMatchObject({ done: true });
      }
    });
  });

  it('may be configured although etcd has authentication disabled', async () => {
    const config = briefly([open.url], { user: { name: 'cni', password: 's3cret' } });
    await expect(withStore(config, (store) => store.read([one('/none')], soon()))).resolves.toHaveLength(1);
  });
});
