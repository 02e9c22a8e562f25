import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, readConfig } from '../../../ctl/command-line/config.ts';
import { datastoreServer, inlineServer } from '../../../shared/kubernetes-datastore/server.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctl-target-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const kubeconfig = (server: string): string =>
  JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server, 'tls-server-name': 'api.example' } }],
    users: [{ name: 'u', user: { exec: { command: 'issue', apiVersion: 'client.authentication.k8s.io/v1' } } }],
  });

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

type Env = Readonly<Record<string, string>>;

async function server(config: string, env: Env) {
  const target = readConfig(config, env);
  if (target.type !== 'kubernetes') throw new Error(`the type is ${target.type}`);
  const { conf, env: own, inline } = target.kubernetes;
  return inline === undefined ? datastoreServer(conf, own) : inlineServer(inline);
}

const settings = (spec: object): string =>
  file('calicoctl.cfg', JSON.stringify({ apiVersion: 'projectcalico.org/v3', kind: 'CalicoAPIConfig', spec }));

describe('the API server comes from', () => {
  test.each([
    ['DATASTORE_TYPE and KUBECONFIG', { DATASTORE_TYPE: 'kubernetes', ETCD_ENDPOINTS: 'http://a:1' }, 'KUBECONFIG'],
    ['their CALICO_ spelling', { CALICO_DATASTORE_TYPE: 'kubernetes', DATASTORE_TYPE: 'etcdv3' }, 'CALICO_KUBECONFIG'],
    ['the default type', {}, 'KUBECONFIG'],
  ])('%s', async (_, env, variable) => {
    const path = file('kubeconfig', kubeconfig('https://10.0.0.1:6443'));
    const found = await server(DEFAULT_CONFIG, { ...(env as unknown as Env), [variable]: path });
    expect(found).toMatchObject({
      server: 'https://10.0.0.1:6443',
      tlsServerName: 'api.example',
      exec: { command: 'issue' },
    });
  });

  test('$HOME/.kube/config when nothing else is set', async () => {
    const env = { HOME: mkdtempSync(join(folder, 'home-')) };
    await expect(server(DEFAULT_CONFIG, env)).rejects.toThrow(/^invalid configuration: no configuration/);
    mkdirSync(join(env.HOME, '.kube'));
    writeFileSync(join(env.HOME, '.kube/config'), kubeconfig('https://10.0.0.4:6443'));
    expect(await server(DEFAULT_CONFIG, env)).toMatchObject({ server: 'https://10.0.0.4:6443' });
  });

  test('the file’s kubeconfig, whatever the environment says', async () => {
    const path = file('kubeconfig', kubeconfig('https://10.0.0.1:6443'));
    const env = { CALICO_KUBECONFIG: '/nosuch', K8S_API_ENDPOINT: 'https://10.0.0.9' };
    const config = settings({ datastoreType: 'kubernetes', kubeconfig: path });
    expect(await server(config, env)).toMatchObject({ server: 'https://10.0.0.1:6443' });
  });

  test('a kubeconfig inside the file', async () => {
    const config = settings({ kubeconfigInline: kubeconfig('https://10.0.0.2:6443') });
    expect(await server(config, {})).toMatchObject({ server: 'https://10.0.0.2:6443', source: 'kubeconfigInline' });
  });

  test('keys of the file, which override its kubeconfig', async () => {
    const path = file('kubeconfig', kubeconfig('https://10.0.0.1:6443'));
    const config = settings({
      kubeconfig: path,
      k8sAPIEndpoint: 'https://10.0.0.3',
      k8sCAFile: '/ca',
      k8sCertFile: '/cert',
      k8sKeyFile: '/key',
      k8sAPIToken: 'secret',
      k8sInsecureSkipTLSVerify: true,
    });
    expect(await server(config, {})).toMatchObject({
      server: 'https://10.0.0.3',
      ca: { file: '/ca' },
      cert: { file: '/cert' },
      key: { file: '/key' },
      token: 'secret',
      exec: undefined,
      insecure: true,
    });
  });
});

test('the API group is the file’s, else the environment’s', () => {
  const group = (target: ReturnType<typeof readConfig>) =>
    target.type === 'kubernetes' ? target.kubernetes.env['CALICO_API_GROUP'] : undefined;
  expect(group(readConfig(settings({ calicoAPIGroup: 'projectcalico.org/v3' }), {}))).toBe('projectcalico.org/v3');
  expect(group(readConfig(settings({}), { CALICO_API_GROUP: 'projectcalico.org/v3' }))).toBeUndefined();
  expect(group(readConfig(DEFAULT_CONFIG, { CALICO_API_GROUP: 'projectcalico.org/v3' }))).toBe('projectcalico.org/v3');
});

test('a text of another type is refused by its name', () => {
  expect(() => readConfig(settings({ kubeconfig: 7 }), {})).toThrow(/spec\.kubeconfig must be a string$/);
});
