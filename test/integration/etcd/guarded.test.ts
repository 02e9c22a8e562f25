import { rmSync } from 'node:fs';
import { afterAll, describe, expect } from 'vitest';
import { ADDRESSES } from '../../support/etcd/members.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';
import type { Conf } from '../../support/stored/cluster.ts';
import { type Changes, type Stage, test as staged, VERBS } from './stage.ts';

const KEYS = makeKeys(ADDRESSES);
afterAll(() => rmSync(KEYS.folder, { recursive: true }));

const BARE = ADDRESSES.map((address) => `${address}:2379`).join();
const TLS: Conf = { etcd_ca_cert_file: KEYS.ca, etcd_cert_file: KEYS.clientCert, etcd_key_file: KEYS.clientKey };

const secured = staged.extend({ options: { keys: KEYS } });

describe.concurrent('three members that require client certificates', () => {
  secured('serve ADD, STATUS and DEL, also by endpoints without a scheme', async ({ stage }) => {
    await serve(stage, stage.members.all, { conf: TLS });
    await serve(stage, BARE, { conf: TLS });
  });

  secured('continue to serve when the first one dies', async ({ stage }) => {
    const [first] = stage.members.all;
    await first.kill();
    await serve(stage, stage.members.all, { conf: TLS });
  });

  secured.for([
    {
      name: 'has none',
      keys: { etcd_cert_file: '', etcd_key_file: '' },
      says: /etcd refuses the certificate in etcd_cert_file, or requires one/,
    },
    {
      name: 'has one that has expired',
      keys: { etcd_cert_file: KEYS.expired.clientCert },
      says: /etcd_cert_file expired on 20\d\d-\d\d-\d\d: renew it/,
    },
    { name: 'trusts another authority', keys: { etcd_ca_cert_file: KEYS.clientCert }, says: /check etcd_ca_cert_file/ },
  ])('are named, with what to do, to a client that $name', async ({ keys, says }, { stage }) => {
    await refuse(stage, { conf: { ...TLS, ...keys } }, says);
  });

  staged
    .extend({ options: { keys: { ...KEYS, serverCert: KEYS.expired.serverCert } } })
    .for([{ name: 'have expired' }])(
    'are named, with what to do, when their own certificates $name',
    async (_, { stage }) => {
      await refuse(stage, { conf: TLS }, /etcd's certificate has expired: renew it/);
    },
  );
});

const USER = { ETCD_USERNAME: 'cni', ETCD_PASSWORD: 's3cret-enough' };

describe.concurrent('three members with users', () => {
  staged(
    'serve ADD, STATUS and DEL for a user, and continue when the member that issued the token dies',
    async ({ stage }) => {
      await enableUsers(stage);
      await serve(stage, stage.members.all, { env: USER });
      await stage.members.all[0].kill();
      await serve(stage, stage.members.all, { env: USER });
      await stage.members.all[0].restart();
      await disableUsers(stage);
    },
  );

  staged.for([
    { name: 'no user', env: {}, says: /etcd requires authentication.*ETCD_USERNAME and ETCD_PASSWORD/s },
    {
      name: 'a wrong password',
      env: { ...USER, ETCD_PASSWORD: 'not-this-one' },
      says: /etcd refuses the user "cni" or its password/,
    },
    {
      name: 'a user without permission',
      env: { ETCD_USERNAME: 'guest', ETCD_PASSWORD: 's3cret-enough' },
      says: /etcd does not let the user "guest" read or write Calico's keys/,
    },
  ])('report $name, without the password', async ({ env, says }, { stage }) => {
    await enableUsers(stage);
    await refuse(stage, { env }, says);
    await disableUsers(stage);
  });
});

async function serve(stage: Stage, endpoints: Parameters<Stage['works']>[2], changes: Changes): Promise<void> {
  const container = await stage.container();
  for (const verb of VERBS) await stage.works(verb, container, endpoints, changes);
}

/** Every verb fails permanently and says so. The journal stays empty, since such a release could never succeed. */
async function refuse(stage: Stage, changes: Changes, says: RegExp): Promise<void> {
  const container = await stage.container();
  for (const verb of VERBS) {
    const ran = await stage.call(verb, container, stage.members.all, changes);
    expect(ran.exit, ran.stdout).toBe(1);
    const { code, msg, details } = JSON.parse(ran.stdout);
    expect(code).toBe(verb === 'STATUS' ? 50 : 999);
    expect(`${msg}; ${details}`).toMatch(says);
    expect(details).toContain(stage.members.all[0].endpoint);
    expect(ran.stdout + ran.stderr).not.toMatch(/s3cret-enough|not-this-one|PRIVATE KEY/);
  }
  expect(stage.journal()).toEqual([]);
}

async function enableUsers(stage: Stage): Promise<void> {
  const { post } = stage.members.all[0].etcd();
  const range = { key: btoa('/calico/'), range_end: btoa('/calico0') };
  await post('auth/user/add', { name: 'root', password: 'top' });
  await post('auth/user/add', { name: 'cni', password: USER.ETCD_PASSWORD });
  await post('auth/user/add', { name: 'guest', password: USER.ETCD_PASSWORD });
  for (const name of ['root', 'calico', 'nothing']) await post('auth/role/add', { name });
  await post('auth/role/grant', { name: 'calico', perm: { permType: 'READWRITE', ...range } });
  await post('auth/user/grant', { user: 'root', role: 'root' });
  await post('auth/user/grant', { user: 'cni', role: 'calico' });
  await post('auth/user/grant', { user: 'guest', role: 'nothing' });
  await post('auth/enable', {});
}

async function disableUsers(stage: Stage): Promise<void> {
  const { post } = stage.members.all[1].etcd();
  const { token } = await post('auth/authenticate', { name: 'root', password: 'top' });
  await post('auth/disable', {}, String(token));
}
