import { describe, expect } from 'vitest';
import type { Dump, Etcd } from '../../support/etcd/etcd.ts';
import { has, nodes, test } from './etcd-stage.ts';

const USER = { ETCD_USERNAME: 'calico', ETCD_PASSWORD: 's3cret' };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const RANGE = { key: base64('/calico/'), rangeEnd: base64('/calico0') };

/** Enables authentication: `root`, and a user for Calico's keys. */
async function guard({ post }: Etcd): Promise<void> {
  await post('auth/user/add', { name: 'root', password: 'top' });
  await post('auth/user/add', { name: 'calico', password: USER.ETCD_PASSWORD });
  for (const name of ['root', 'calico']) await post('auth/role/add', { name });
  for (const name of ['root', 'calico']) await post('auth/user/grant', { user: name, role: name });
  await post('auth/role/grant', { name: 'calico', perm: { permType: 'READWRITE', ...RANGE } });
  await post('auth/enable', {});
}

/** Calls as `root`. */
async function asRoot({ post }: Etcd, path: string, body: object): Promise<void> {
  const { token } = await post('auth/authenticate', { name: 'root', password: 'top' });
  await post(path, body, String(token));
}

async function put(etcd: Etcd, keys: Dump): Promise<void> {
  for (const [key, value] of Object.entries(keys))
    await asRoot(etcd, 'kv/put', { key: base64(key), value: base64(value) });
}

describe.concurrent('a copy of an etcd with users', () => {
  test('logs in, and again when its token is gone', async ({ stage }) => {
    await guard(stage.etcd());
    const follower = await stage.follow(USER);
    await has(follower, 'node1', 'node2');
    // Tokens are in etcd's memory only.
    await stage.kill();
    await stage.restart();
    await put(stage.etcd(), nodes(3));
    await has(follower, 'node1', 'node2', 'node3');
  });

  test('says that the password was changed, and goes on when it is right again', async ({ stage }) => {
    await guard(stage.etcd());
    const follower = await stage.follow(USER);
    await has(follower, 'node1', 'node2');
    await asRoot(stage.etcd(), 'auth/user/changepw', { name: 'calico', password: 'other' });
    await stage.kill();
    await stage.restart();
    const refused = await follower.until(({ trouble }) => /refuses/.test(trouble ?? ''));
    expect(refused.trouble).toContain('etcd refuses the user "calico" or its password');
    expect(refused.trouble).not.toContain(USER.ETCD_PASSWORD);
    expect(Object.keys(refused.holds?.nodes ?? {})).toEqual(['node1', 'node2']);
    await asRoot(stage.etcd(), 'auth/user/changepw', { name: 'calico', password: USER.ETCD_PASSWORD });
    await follower.until(({ trouble }) => trouble === undefined);
  });

  test('says that the user has no rights, and goes on when it has', async ({ stage }) => {
    await guard(stage.etcd());
    const revoked = { role: 'calico', key: RANGE.key, range_end: RANGE.rangeEnd };
    await asRoot(stage.etcd(), 'auth/role/revoke', revoked);
    const follower = await stage.follow(USER);
    const refused = await follower.until(({ trouble }) => trouble !== undefined);
    expect(refused.trouble).toContain(`etcd does not let the user "calico" read or write Calico's keys`);
    await asRoot(stage.etcd(), 'auth/role/grant', { name: 'calico', perm: { permType: 'READWRITE', ...RANGE } });
    await has(follower, 'node1', 'node2');
  });
});
