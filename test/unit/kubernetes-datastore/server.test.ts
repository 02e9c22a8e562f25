import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { datastoreType } from '../../../shared/call/datastore-type.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { datastoreServer, requireKubeconfig, serverMarks } from '../../../shared/kubernetes-datastore/server.ts';
import { messageOfAsync } from '../../support/inputs/outcome.ts';

type Environment = Readonly<Record<string, string>>;

const FOLDER = mkdtempSync(join(tmpdir(), 'calico-server-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const confOf = (conf: object) => readNetConf(JSON.stringify({ name: 'n', ...conf }));
const read = (conf: object, env: Environment = {}) => datastoreServer(confOf(conf), env);
const withFile = (kubeconfig: string, more: object = {}) => ({ kubernetes: { kubeconfig, ...more } });

interface Entries {
  readonly server?: string;
  readonly user?: object;
  readonly name?: string;
  readonly current?: string;
}

/** A kubeconfig with one cluster, user and context, all of one name. */
function kubeconfig(
  file: string,
  { server = 'https://10.96.0.1:443', user = { token: 'abc' }, name = 'one', current = name }: Entries = {},
): string {
  const path = join(FOLDER, file);
  const json = {
    clusters: [{ name, cluster: { server, 'certificate-authority': 'ca.pem' } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': current,
  };
  writeFileSync(path, JSON.stringify(json));
  return path;
}

describe('the datastore is', () => {
  test.each<[object, Environment, string]>([
    [{ datastore_type: 'kubernetes', etcd_endpoints: 'http://a:1' }, {}, 'kubernetes'],
    [{ datastore_type: 'etcdv3' }, {}, 'etcdv3'],
    [{}, {}, 'kubernetes'],
    [{ etcd_endpoints: 'http://a:1' }, {}, 'etcdv3'],
    [{}, { ETCD_ENDPOINTS: 'http://a:1' }, 'etcdv3'],
    [{ etcd_discovery_srv: 'example.com' }, {}, 'kubernetes'],
    [{}, { DATASTORE_TYPE: 'etcdv3' }, 'etcdv3'],
    [{ datastore_type: 'kubernetes' }, { DATASTORE_TYPE: 'etcdv3' }, 'kubernetes'],
    [{ datastore_type: 'kubernetes' }, { CALICO_DATASTORE_TYPE: 'etcdv3' }, 'etcdv3'],
    [{ etcd_endpoints: 'http://a:1' }, { CALICO_ETCD_ENDPOINTS: '' }, 'kubernetes'],
  ])('for %j and %j: %3$s', (conf, env, expected) => {
    expect(datastoreType(confOf(conf), env)).toBe(expected);
  });

  test('refused for any other name', () => {
    expect(() => datastoreType(confOf({ datastore_type: 'consul' }), {})).toThrow('unknown datastore type: consul');
  });
});

describe('the API server that holds the data is the one', () => {
  test('of the kubeconfig, with the credentials in it', async () => {
    const path = kubeconfig('plain');
    expect(await read(withFile(path))).toMatchObject({
      server: 'https://10.96.0.1:443',
      token: 'abc',
      ca: { file: join(FOLDER, 'ca.pem') },
      source: path,
    });
  });

  test.each<[string, object, Environment, string]>([
    ['the configuration', { kubeconfig: 'A' }, { KUBECONFIG: 'B' }, 'https://a'],
    ['KUBECONFIG where the configuration names none', {}, { KUBECONFIG: 'B' }, 'https://b'],
    ['CALICO_KUBECONFIG before both', { kubeconfig: 'A' }, { KUBECONFIG: 'A', CALICO_KUBECONFIG: 'B' }, 'https://b'],
    ['k8s_api_root before the kubeconfig', { kubeconfig: 'A', k8s_api_root: 'https://c/' }, {}, 'https://c'],
    [
      'k8s_api_root as it is given, with its path',
      { k8s_api_root: 'https://c/k8s/api/v1' },
      {},
      'https://c/k8s/api/v1',
    ],
    ['K8S_API_ENDPOINT', { kubeconfig: 'A' }, { K8S_API_ENDPOINT: 'https://[fd00::1]:6443' }, 'https://[fd00::1]:6443'],
    [
      'CALICO_K8S_API_ENDPOINT before all',
      { k8s_api_root: 'https://c' },
      { CALICO_K8S_API_ENDPOINT: 'https://d' },
      'https://d',
    ],
  ])('of %s', async (_, kubernetes, env, server) => {
    const [a, b] = [kubeconfig('a', { server: 'https://a' }), kubeconfig('b', { server: 'https://b' })];
    const named = (text: unknown) => (text === 'A' ? a : text === 'B' ? b : text);
    const all = (map: object) => Object.fromEntries(Object.entries(map).map(([key, text]) => [key, named(text)]));
    expect((await read({ kubernetes: all(kubernetes) }, all(env) as Environment)).server).toBe(server);
  });

  test('of the user’s own kubeconfig when nothing else is configured', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(FOLDER, '.kube'));
    kubeconfig('.kube/config', { server: 'https://own' });
    expect((await read({}, { HOME: FOLDER })).server).toBe('https://own');
    expect((await read({}, { HOME: FOLDER, K8S_API_ENDPOINT: 'https://named' })).token).toBe('');
  });

  test('of the first of several kubeconfigs with the context’s entries; missing files are skipped', async () => {
    const first = kubeconfig('first', { name: 'one', current: '' });
    const second = kubeconfig('second', { name: 'two', server: 'https://two', user: { tokenFile: 'token' } });
    const list = `/nowhere:${first}:${second}`;
    expect(await read({}, { KUBECONFIG: list })).toMatchObject({
      server: 'https://two',
      tokenFile: join(FOLDER, 'token'),
    });
    const chosen = await read({}, { KUBECONFIG: list, K8S_CURRENT_CONTEXT: 'one' });
    expect(chosen).toMatchObject({ server: 'https://10.96.0.1:443', token: 'abc' });
  });

  test('not of another context when the requested one is missing', async () => {
    const env = { KUBECONFIG: kubeconfig('lost'), K8S_CURRENT_CONTEXT: 'lost' };
    expect(await messageOfAsync(read({}, env))).toBe(
      'invalid configuration: context was not found for specified context: lost',
    );
  });
});

describe('requests to it are sent', () => {
  test('with the files and the TLS verification set in the environment', async () => {
    const env = {
      K8S_CERT_FILE: '/c',
      K8S_KEY_FILE: '/k',
      K8S_CA_FILE: '/ca',
      K8S_INSECURE_SKIP_TLS_VERIFY: 'true',
    };
    expect(await read(withFile(kubeconfig('files')), env)).toMatchObject({
      cert: { file: '/c' },
      key: { file: '/k' },
      ca: { file: '/ca' },
      insecure: true,
    });
  });

  test('not with an invalid flag', async () => {
    expect(await messageOfAsync(read(withFile(kubeconfig('flag')), { K8S_INSECURE_SKIP_TLS_VERIFY: 'maybe' }))).toBe(
      'strconv.ParseBool: parsing "maybe": invalid syntax',
    );
  });

  test('with the kubeconfig’s credentials, not with the keys of policy', async () => {
    const policy = { k8s_auth_token: 'mine', k8s_api_root: 'https://other', k8s_certificate_authority: '/other' };
    const config = await read({ ...withFile(kubeconfig('policy')), policy });
    expect(config).toMatchObject({
      server: 'https://10.96.0.1:443',
      token: 'abc',
      ca: { file: join(FOLDER, 'ca.pem') },
    });
  });

  test('with policy.k8s_auth_token when there are no other credentials', async () => {
    const policy = { k8s_auth_token: 'mine' };
    const anonymous = kubeconfig('anonymous', { user: {} });
    expect((await read({ ...withFile(anonymous), policy })).token).toBe('mine');
    const certified = kubeconfig('certified', { user: { 'client-certificate': 'c', 'client-key': 'k' } });
    expect((await read({ ...withFile(certified), policy })).token).toBe('');
  });

  test('with CALICO_K8SAPITOKEN rather than the kubeconfig’s token', async () => {
    const path = kubeconfig('token', { user: { tokenFile: 'token' } });
    expect(await read(withFile(path), { CALICO_K8SAPITOKEN: 'given' })).toMatchObject({
      token: 'given',
      tokenFile: '',
    });
  });
});

test('a configured kubeconfig that is missing is refused before any work', () => {
  expect(() => requireKubeconfig(confOf(withFile('/x')), {})).toThrow('stat /x: no such file or directory');
  expect(() => requireKubeconfig(confOf({}), { KUBECONFIG: '/y:/z' })).not.toThrow();
  expect(() => requireKubeconfig(confOf(withFile(kubeconfig('there'))), {})).not.toThrow();
});

test('API servers are distinguished by the settings that name them', () => {
  const inside = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const one = serverMarks(confOf(withFile('/a')), {});
  expect(serverMarks(confOf(withFile('/a')), inside)).toEqual(one);
  expect(serverMarks(confOf(withFile('/b')), {})).not.toEqual(one);
  expect(serverMarks(confOf({}), inside)).not.toEqual(serverMarks(confOf({}), {}));
});
