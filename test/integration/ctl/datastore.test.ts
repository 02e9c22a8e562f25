import { rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bed } from '../../support/bed/bed.ts';
import { machine } from '../../support/bed/etcd-machine.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { callPlugin } from '../../support/calls/call.ts';
import { startEtcd } from '../../support/etcd/etcd.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';
import { BASE, clusterInformation, conf } from '../../support/stored/cluster.ts';
import { HEALTHY } from '../../support/stored/ipam-healthy.ts';

const LIVE = 'http://127.0.0.1:2379';

describe('datastore ready', () => {
  const status = async (bed: Pick<Bed, 'host'>) =>
    (await callPlugin(bed.host, { command: 'STATUS', conf: conf({ cniVersion: '1.1.0' }) })).exit;
  const FIELD = 'ClusterInformation(default): datastoreReady';

  test('shows and sets whether the plugins may use the datastore', async () => {
    const bed = await machine(BASE);
    const before = await bed.etcd.dump();
    expect(await said(bed, 'datastore ready')).toBe('The datastore is ready.\n');
    expect(await calicoctl(bed, 'datastore ready false')).toMatchObject({ exit: 0, stderr: `${FIELD} is now false\n` });
    expect(await said(bed, 'datastore ready', 1)).toBe('The datastore is not ready: ADD and DEL fail.\n');
    expect(await status(bed)).toBe(1);
    expect(await calicoctl(bed, 'datastore ready true')).toMatchObject({ exit: 0, stderr: `${FIELD} is now true\n` });
    expect(await status(bed)).toBe(0);
    expect(await bed.etcd.dump()).toEqual(before);
    expect(await calicoctl(bed, 'datastore ready true')).toMatchObject({
      exit: 0,
      stderr: `${FIELD} was already true\n`,
    });
  });

  test("accepts the original's commands too, and corrects a value of the wrong type", async () => {
    const bed = await machine({ ...BASE, ...clusterInformation({ datastoreReady: 'true', clusterType: 'k8s' }) });
    expect(await said(bed, 'datastore ready', 1)).toContain('not ready');
    expect(await said(bed, 'datastore migrate unlock')).toBe('Datastore unlocked.\n');
    expect(await status(bed)).toBe(0);
    expect(await said(bed, 'datastore migrate lock')).toBe('Datastore locked.\n');
    expect(await said(bed, 'get clusterinfo default -o yaml')).toMatch(/clusterType: k8s\n {2}datastoreReady: false\n/);
  });

  test('rejects any other value, and a datastore without ClusterInformation', async () => {
    const bed = await machine({});
    expect(await calicoctl(bed, 'datastore ready maybe')).toMatchObject({ exit: 2 });
    expect(await calicoctl(bed, 'datastore ready true')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('resource does not exist: ClusterInformation(default) with error: <nil>'),
    });
    expect(await bed.etcd.dump()).toEqual({});
  });
});

describe('datastore check', () => {
  test('reports the state of a healthy endpoint', async () => {
    const bed = await machine(HEALTHY);
    expect(await said(bed, 'datastore check')).toMatch(
      /\| http:\/\/127\.0\.0\.1:2379 \| +[\d.]+ ms +\| +[\d.]+ ms +\| \d+\.\d+\.\d+ +\| leader \| +[\d.]+ MB +\| - +\| - +\|\n.*\nThe datastore is healthy\.\n$/,
    );
  });

  test('reports within seconds why an endpoint is dead or silent', async () => {
    const bed = await machine({});
    const silent = await startEtcd(bed.host, 12379);
    onTestFinished(() => silent.stop());
    silent.pause();
    const endpoints = `${LIVE},http://127.0.0.1:1,http://127.0.0.1:12379,bogus`;
    const { exit, stdout } = await calicoctl(bed, 'datastore check', { ETCD_ENDPOINTS: endpoints });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/\| http:\/\/127\.0\.0\.1:2379 +\| +[\d.]+ ms/);
    expect(stdout).toContain('  http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n');
    expect(stdout).toContain('  http://127.0.0.1:12379: no connection within 5 s\n');
    expect(stdout).toContain('  bogus: not an endpoint: http://HOST:PORT or https://HOST:PORT is expected\n');
    expect(stdout).toContain('Problems: 3\n');
  });

  test('reports whether credentials are required, accepted or rejected', async () => {
    const bed = await machine({});
    await bed.etcd.post('auth/user/add', { name: 'root', password: 'top' });
    await bed.etcd.post('auth/role/add', { name: 'root' });
    await bed.etcd.post('auth/user/grant', { user: 'root', role: 'root' });
    await bed.etcd.post('auth/enable', {});
    const check = (name: string, password: string) =>
      calicoctl(bed, 'datastore check', { ETCD_USERNAME: name, ETCD_PASSWORD: password });
    const none = await calicoctl(bed, 'datastore check');
    expect([none.exit, none.stdout]).toEqual([1, expect.stringContaining('set ETCD_USERNAME and ETCD_PASSWORD')]);
    const right = await check('root', 'top');
    expect([right.exit, right.stdout]).toEqual([0, expect.stringContaining('| accepted |')]);
    const wrong = await check('root', 'secret-guess');
    expect([wrong.exit, wrong.stdout]).toEqual([1, expect.stringContaining('authentication failed')]);
    expect(wrong.stdout + wrong.stderr).not.toContain('secret-guess');
  });

  test('reports a full datastore', async () => {
    const bed = await machine({});
    await bed.etcd.post('maintenance/alarm', { action: 'ACTIVATE', alarm: 'NOSPACE' });
    const { exit, stdout } = await calicoctl(bed, 'datastore check');
    expect([exit, stdout]).toEqual([1, expect.stringContaining('alarm NOSPACE: compact and defragment etcd')]);
  });

  test('reports when certificates expire', async () => {
    const bed = await machine({});
    const keys = makeKeys();
    onTestFinished(() => rmSync(keys.folder, { recursive: true }));
    const flags = `--cert-file=${keys.serverCert} --key-file=${keys.serverKey} --trusted-ca-file=${keys.ca} --client-cert-auth`;
    const listen =
      '--listen-client-urls=https://127.0.0.1:22379,unix://client:1 --advertise-client-urls=https://127.0.0.1:22379';
    const enter = () => [...bed.host.enter(), 'sh', '-c', `exec "$@" ${flags} ${listen}`, 'sh'];
    const etcd = await startEtcd({ ...bed.host, enter }, 22379);
    onTestFinished(() => etcd.stop());
    const { exit, stdout } = await calicoctl(bed, 'datastore check', {
      ETCD_ENDPOINTS: 'https://127.0.0.1:22379',
      ETCD_CA_CERT_FILE: keys.ca,
      ETCD_CERT_FILE: keys.clientCert,
      ETCD_KEY_FILE: keys.clientKey,
    });
    expect(exit, stdout).toBe(0);
    expect(stdout).toMatch(/https:\/\/127\.0\.0\.1:22379: its certificate expires on \d{4}-\d\d-\d\d, in \d days\n/);
    expect(stdout).toMatch(/the client certificate expires on /);
    const stranger = await calicoctl(bed, 'datastore check', { ETCD_ENDPOINTS: 'https://127.0.0.1:22379' });
    expect([stranger.exit, stranger.stdout]).toEqual([1, expect.stringContaining('certificate is not trusted')]);
  });
});
