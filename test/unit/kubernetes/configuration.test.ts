import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { readApiConfig } from '../../../shared/kubernetes/configuration.ts';
import { messageOfAsync } from '../../support/inputs/outcome.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'calico-config-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const EMPTY =
  'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable';

const YAML = `apiVersion: v1
kind: Config
# What calico/node writes.
clusters:
- name: local
  cluster:
    server: https://10.96.0.1:443
    certificate-authority-data: "Y2E="
- name: plain
  cluster: {server: 'http://127.0.0.1:8080'}
users:
- name: calico
  user:
    token: abc
- name: files
  user:
    client-certificate: pki/client.pem
    client-key: /abs/client.key
    tokenFile: token
contexts:
- name: calico-context
  context:
    cluster: local
    user: calico
- name: files
  context: {cluster: local, user: files}
- name: empty
  context: {cluster: plain, user: ""}
current-context: calico-context
`;

function file(name: string, text: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
}

const read = (conf: object, env: Record<string, string> = {}) =>
  readApiConfig(readNetConf(JSON.stringify({ name: 'n', ...conf })), env);
const readFile = (path: string, more: object = {}) => read({ kubernetes: { kubeconfig: path }, ...more });

describe('a kubeconfig', () => {
  test("leads to its current context's cluster and user", async () => {
    const path = file('yaml', YAML);
    expect(await readFile(path)).toMatchObject({
      server: 'https://10.96.0.1:443',
      ca: { data: 'ca' },
      token: 'abc',
      source: path,
    });
  });

  test('resolves file names relative to itself', async () => {
    const config = await readFile(
      file('files', YAML.replace('current-context: calico-context', 'current-context: files')),
    );
    expect(config).toMatchObject({
      cert: { file: join(FOLDER, 'pki/client.pem') },
      key: { file: '/abs/client.key' },
      tokenFile: join(FOLDER, 'token'),
    });
  });

  test.each([
    ['https://[10.96.0.1]:443', 'https://10.96.0.1:443'],
    ['https://[kubernetes.default.svc]:443', 'https://kubernetes.default.svc:443'],
    ['https://[fd00::1]:443', 'https://[fd00::1]:443'],
  ])('with %s is read as %s, also when the network configuration sets it', async (said, meant) => {
    const path = file('brackets', YAML.replace('https://10.96.0.1:443', said));
    expect((await readFile(path)).server).toBe(meant);
    expect((await read({ kubernetes: { kubeconfig: path, k8s_api_root: said } })).server).toBe(meant);
    expect((await readFile(path, { policy: { k8s_api_root: `${said}/api/v1/` } })).server).toBe(meant);
    expect((await read({}, { KUBERNETES_MASTER: said })).server).toBe(meant);
    expect((await read({ policy: { k8s_api_root: said.replace('https://', '') } })).server).toBe(
      meant.replace('https', 'http'),
    );
  });

  test('may name no user', async () => {
    const config = await readFile(
      file('empty', YAML.replace('current-context: calico-context', 'current-context: empty')),
    );
    expect(config).toMatchObject({ server: 'http://127.0.0.1:8080', token: '' });
  });

  test('is overridden by the network configuration', async () => {
    const more = {
      policy: { k8s_auth_token: 'mine', k8s_api_root: 'https://other:6443/api/v1/', k8s_certificate_authority: '/ca' },
    };
    expect(await readFile(file('over', YAML), more)).toMatchObject({
      server: 'https://other:6443',
      token: 'mine',
      ca: { file: '/ca' },
    });
    const root = { kubernetes: { kubeconfig: file('root', YAML), k8s_api_root: 'https://third' }, ...more };
    expect((await read(root)).server).toBe('https://third');
  });

  test.each([
    [
      'context: lost',
      YAML.replace('current-context: calico-context', 'current-context: lost'),
      'invalid configuration: context was not found for specified context: lost',
    ],
    ['no context', YAML.replace('current-context: calico-context', ''), EMPTY],
    ['a context without a cluster', YAML.replace('cluster: local', 'cluster: lost'), EMPTY],
  ])('with %s is rejected', async (name, text, wanted) => {
    expect(await messageOfAsync(readFile(file(name.replaceAll(' ', '-'), text)))).toBe(wanted);
  });

  test('that asks for a proxy is rejected, naming file, cluster and key, but not the value', async () => {
    const proxied = YAML.replace(
      "'http://127.0.0.1:8080'",
      "'http://127.0.0.1:8080', proxy-url: 'http://me:secret@proxy'",
    );
    const path = file('proxied', proxied);
    expect(await messageOfAsync(readFile(path))).toBe('nothing thrown');
    const used = file('proxied-used', proxied.replace('current-context: calico-context', 'current-context: empty'));
    const root = { kubernetes: { kubeconfig: used, k8s_api_root: 'https://other' } };
    const wanted = `error loading config file "${used}": proxy-url of cluster "plain": connecting through a proxy is not supported`;
    expect(await messageOfAsync(readFile(used))).toBe(wanted);
    expect(await messageOfAsync(read(root))).toBe(wanted);
  });

  test.each([
    ['as: admin', 'as: acting as another user is not supported'],
    ['as-groups: [admins]', 'as-groups: acting as another user is not supported'],
    ['as-uid: "7"', 'as-uid: acting as another user is not supported'],
    ['as-user-extra: {scopes: [all]}', 'as-user-extra: acting as another user is not supported'],
    ['auth-provider: {name: gcp}', 'no Auth Provider found for name "gcp"'],
  ])('that asks for %s is rejected', async (key, wanted) => {
    const path = file(`asks-${key.slice(0, 8)}`, YAML.replace('    token: abc', `    token: abc\n    ${key}`));
    expect(await messageOfAsync(readFile(path))).toContain(wanted);
    expect(await messageOfAsync(readFile(path))).toContain(path);
  });

  test('that is missing or invalid is rejected by its name', async () => {
    expect(await messageOfAsync(readFile('/nowhere/config'))).toBe('stat /nowhere/config: no such file or directory');
    const path = file('broken', 'clusters: [');
    expect(await messageOfAsync(readFile(path))).toContain(`error loading config file "${path}": `);
    const wrong = file('wrong', 'current-context: x\ncontexts: here');
    expect(await messageOfAsync(readFile(wrong))).toBe(
      `error loading config file "${wrong}": json: cannot unmarshal string into Go struct field Config.contexts of type []object`,
    );
  });
});

describe('without a kubeconfig', () => {
  test('the environment may name the server', async () => {
    expect(await read({}, { KUBERNETES_MASTER: 'http://10.0.0.1:8080/' })).toMatchObject({
      server: 'http://10.0.0.1:8080',
      source: '',
    });
  });

  test('and without anything else there is no server', async () => {
    expect(await messageOfAsync(read({}))).toBe(EMPTY);
    // No service account is mounted where this test runs.
    expect(
      await messageOfAsync(read({}, { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' })),
    ).toBe(EMPTY);
  });

  test('a server without a scheme is reached by TLS if any TLS setting is present', async () => {
    expect((await read({ policy: { k8s_api_root: 'host:6443' } })).server).toBe('http://host:6443');
    expect((await read({ policy: { k8s_api_root: 'host:6443', k8s_certificate_authority: '/ca' } })).server).toBe(
      'https://host:6443',
    );
  });
});
