import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Keys, makeKeys } from '../../support/network/tls-keys.ts';
import { type RealEtcd, startEtcd } from '../etcd/real-etcd.ts';

let keys: Keys;
let etcd: RealEtcd;
beforeAll(async () => {
  keys = makeKeys();
  const files = ['--cert-file', keys.serverCert, '--key-file', keys.serverKey, '--trusted-ca-file', keys.ca];
  etcd = await startEtcd([...files, '--client-cert-auth']);
});
afterAll(async () => {
  await etcd.stop();
  rmSync(keys.folder, { recursive: true });
});

/** Runs calicoctl with these settings in its config file, and with an empty environment. */
async function withSettings(spec: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const file = join(keys.folder, 'calicoctl.cfg');
  const head = { apiVersion: 'projectcalico.org/v3', kind: 'CalicoAPIConfig', metadata: {} };
  writeFileSync(file, JSON.stringify({ ...head, spec: { datastoreType: 'etcdv3', etcdEndpoints: etcd.url, ...spec } }));
  const options = { env: {}, extendEnv: false, reject: false } as const;
  const { exitCode, stdout, stderr } = await execa(`${tools().bin}/calicoctl`, ['-c', file, ...words], options);
  return { exitCode, stdout, stderr };
}

const pem = (file: string) => readFileSync(file, 'utf8');
const fromFiles = () => ({ etcdCACertFile: keys.ca, etcdCertFile: keys.clientCert, etcdKeyFile: keys.clientKey });
const inline = () => ({ etcdCACert: pem(keys.ca), etcdCert: pem(keys.clientCert), etcdKey: pem(keys.clientKey) });
const ANSWER = { exitCode: 0, stdout: expect.stringMatching(/^NAME/), stderr: '' };

describe('an etcd that requires client certificates is reached with', () => {
  test('files named in the settings', async () => {
    expect(await withSettings(fromFiles(), 'get', 'nodes')).toEqual(ANSWER);
  });

  test('certificates inlined in the settings', async () => {
    expect(await withSettings(inline(), 'get', 'nodes')).toEqual(ANSWER);
  });
});

describe('without printing secrets, calicoctl', () => {
  const secrets = () =>
    pem(keys.clientKey)
      .split('\n')
      .filter((line) => line.length > 40);

  test.each(['get nodes', 'version', 'create -f /nosuch', 'ipam show'])('logs %s at level debug', async (line) => {
    const settings = { ...inline(), etcdUsername: 'u', etcdPassword: 'swordfish' };
    const { stdout, stderr } = await withSettings(settings, '-l', 'debug', ...line.split(' '));
    for (const secret of [...secrets(), 'swordfish']) expect(stdout + stderr).not.toContain(secret);
  });

  test('reports a missing client certificate', async () => {
    const { exitCode, stderr } = await withSettings({ etcdCACertFile: keys.ca }, 'get', 'nodes');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(etcd.url);
    expect(stderr).toContain('etcd_cert_file');
  });
});
