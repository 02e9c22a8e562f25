import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { tools } from '../../../build/tools.ts';
import { ADMIN_TOKEN, PORT } from '../../support/kubernetes/api-server.ts';
import { kubernetesCalicoctl } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';

const HOME = '/run/calico-test/home';
const FOLDER = `${HOME}/kube`;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const V1 = 'client.authentication.k8s.io/v1';
const SHOWN = { exit: 0, stdout: expect.stringMatching(/^NAME +CIDR/), stderr: '' };

/** A credential plugin that is a shell script; `$CREDENTIAL` prints the administrator's token. */
const plugin = (script: string, more: object = {}) => ({
  exec: { apiVersion: V1, command: '/bin/sh', args: ['-c', script], interactiveMode: 'Never', ...more },
});
const credential = (status: object, more: object = {}): string =>
  `echo '${JSON.stringify({ apiVersion: V1, kind: 'ExecCredential', status, ...more })}'`;
const ISSUED = credential({ token: ADMIN_TOKEN });

inOneGroup('calicoctl takes a kubeconfig with', (bed) => {
  const write = (name: string, text: string): string => {
    writeFileSync(bed.host.file(`${FOLDER}/${name}`), text);
    return `${FOLDER}/${name}`;
  };
  const data = (path: string) => readFileSync(bed.host.file(path)).toString('base64');
  const cluster = () => ({ server: bed.kubernetes.url, 'certificate-authority': 'ca.crt' });
  const parts = (user: object, more: object = {}) => ({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { ...cluster(), ...more } }],
    users: [{ name: 'u', user }],
  });
  const get = (KUBECONFIG: string, env: Readonly<Record<string, string>> = {}) =>
    kubernetesCalicoctl(bed, 'get ippools', { env: { DATASTORE_TYPE: 'kubernetes', HOME, KUBECONFIG, ...env } });
  const shows = async (user: object, more?: object) =>
    expect(await get(write('config', stringify(parts(user, more))))).toMatchObject(SHOWN);

  beforeAll(async () => {
    mkdirSync(bed.host.file(FOLDER), { recursive: true });
    const { ca, clientCa } = bed.kubernetes;
    await bed.host.must('sh', [
      '-ec',
      `cd ${FOLDER}; cp ${ca} ca.crt; echo ${ADMIN_TOKEN} > token
      openssl req -newkey rsa:2048 -nodes -subj /O=system:masters/CN=operator -keyout client.key -out client.csr
      openssl x509 -req -in client.csr -CA ${clientCa} -CAkey ${clientCa}.key -CAcreateserial -days 1 -out client.crt`,
    ]);
  });

  test('a credential plugin of v1, and of v1beta1', async () => {
    await shows(plugin(ISSUED));
    const apiVersion = 'client.authentication.k8s.io/v1beta1';
    await shows(plugin(credential({ token: ADMIN_TOKEN }, { apiVersion }), { apiVersion, interactiveMode: undefined }));
  });

  test('a credential plugin beside it, with variables, that is told of the cluster', async () => {
    const path = write(
      'issue',
      `#!/bin/sh\ncase "$KUBERNETES_EXEC_INFO" in *'"server":"${bed.kubernetes.url}"'*'"interactive":false'*) test "$WHO" = me && ${ISSUED};; esac\n`,
    );
    chmodSync(bed.host.file(path), 0o755);
    const more = { command: './issue', args: null, env: [{ name: 'WHO', value: 'me' }], provideClusterInfo: true };
    await shows(plugin('', more));
  });

  test('a credential plugin that issues a certificate', async () => {
    const [cert, key] = ['client.crt', 'client.key'].map((name) =>
      readFileSync(bed.host.file(`${FOLDER}/${name}`), 'utf8'),
    );
    const status = { clientCertificateData: cert, clientKeyData: key };
    write('issued.json', JSON.stringify({ apiVersion: V1, kind: 'ExecCredential', status }));
    await shows(plugin(`cat ${FOLDER}/issued.json`));
  });

  test('a credential plugin whose first credentials have expired', async () => {
    const expired = credential({ token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' });
    await shows(plugin(`test -e ${FOLDER}/renewed && { ${ISSUED}; exit; }; touch ${FOLDER}/renewed; ${expired}`));
  });

  test('a credential plugin that takes longer than a request may', async () => {
    await shows(plugin(`sleep 16; ${ISSUED}`));
  });

  test('a credential plugin that asks the user', async () => {
    const script = `printf 'Code: ' >&2; read -r code; echo '{"status":{"token":"'$code'"}}'`;
    const KUBECONFIG = write('config', stringify(parts(plugin(script, { interactiveMode: 'Always' }))));
    const { exit, stdout } = await bed.host.run(
      'script',
      ['-qec', `${tools().bin}/calicoctl get ippools`, '/dev/null'],
      {
        input: `${ADMIN_TOKEN}\n`,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SHELL: '/bin/sh', DATASTORE_TYPE: 'kubernetes', KUBECONFIG },
      },
    );
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/Code: .*default-ipv4-ippool/s)]);
  });

  test('a token, and one in a file beside it', async () => {
    await shows({ token: ADMIN_TOKEN });
    await shows({ tokenFile: 'token' });
  });

  test('a client certificate, in files beside it and in itself', async () => {
    await shows({ 'client-certificate': 'client.crt', 'client-key': 'client.key' });
    await shows({
      'client-certificate-data': data(`${FOLDER}/client.crt`),
      'client-key-data': data(`${FOLDER}/client.key`),
    });
  });

  test('a server that is checked under another name, by data, or not at all', async () => {
    await shows({ token: ADMIN_TOKEN }, { 'tls-server-name': 'kubernetes.default.svc' });
    await shows(
      { token: ADMIN_TOKEN },
      { 'certificate-authority': undefined, 'certificate-authority-data': data(bed.kubernetes.ca) },
    );
    await shows({ token: ADMIN_TOKEN }, { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true });
  });

  test('parts in several files, of which the first wins and missing ones do not matter', async () => {
    const { contexts, clusters, users } = parts({ token: ADMIN_TOKEN });
    const others = parts({ token: 'wrong' }, { server: 'https://127.0.0.1:1' });
    const files = [
      write('contexts', stringify({ 'current-context': 'c', contexts })),
      '/nosuch',
      write('users', stringify({ users, clusters })),
      write('others', stringify({ ...others, 'current-context': 'elsewhere' })),
    ];
    expect(await get(files.join(':'))).toMatchObject(SHOWN);
    expect(await get(`:${files.join('::')}`)).toMatchObject(SHOWN);
  });

  test('a place that is relative, or in the user’s home', async () => {
    const name = write('config', stringify(parts({ tokenFile: 'token' })));
    expect(await get('~/kube/config')).toMatchObject(SHOWN);
    expect(await get(`/nosuch:~/kube/config`)).toMatchObject(SHOWN);
    const cfg = { apiVersion: 'projectcalico.org/v3', kind: 'CalicoAPIConfig', metadata: {} };
    const file = write(
      'cfg',
      stringify({ ...cfg, spec: { datastoreType: 'kubernetes', kubeconfig: '~/kube/config' } }),
    );
    expect(await kubernetesCalicoctl(bed, `-c ${file} get ippools`, { env: { HOME } })).toMatchObject(SHOWN);
    const line = `cd ${HOME}; KUBECONFIG=kube/config exec ${tools().bin}/calicoctl get ippools`;
    expect(await bed.host.run('sh', ['-c', line], { env: { PATH: '/usr/bin:/bin' } })).toMatchObject(SHOWN);
    mkdirSync(bed.host.file(`${HOME}/.kube`), { recursive: true });
    writeFileSync(
      bed.host.file(`${HOME}/.kube/config`),
      stringify(parts({ token: ADMIN_TOKEN }, { 'certificate-authority': `${FOLDER}/ca.crt` })),
    );
    expect(await kubernetesCalicoctl(bed, 'get ippools', { env: { HOME } })).toMatchObject(SHOWN);
    await bed.host.must('rm', ['-r', `${HOME}/.kube`]);
    expect(name).toBe(`${FOLDER}/config`);
  });

  test('nothing, in a pod with a service account', async () => {
    await bed.host.must('sh', ['-ec', `mkdir -p ${ACCOUNT}; cp ${FOLDER}/ca.crt ${FOLDER}/token ${ACCOUNT}`]);
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(PORT) };
    expect(await kubernetesCalicoctl(bed, 'get ippools', { env })).toMatchObject(SHOWN);
  });

  const FAILING = 'echo log in first >&2; exit 3';
  test.each<[string, object, readonly string[], object?]>([
    [
      'a proxy',
      { token: 'x' },
      ['proxy-url of cluster "k": connecting through a proxy is not supported'],
      { 'proxy-url': 'http://me:secret@p' },
    ],
    ['an auth provider', { 'auth-provider': { name: 'gcp' } }, ['no Auth Provider found for name "gcp"']],
    ['another user', { token: 'x', as: 'admin' }, ['as: acting as another user is not supported']],
    [
      'a plugin of v1alpha1',
      plugin('', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
      [
        'exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"',
        'use client.authentication.k8s.io/v1',
      ],
    ],
    [
      'a plugin without a version',
      plugin('', { apiVersion: '' }),
      ['apiVersion must be specified to use exec authentication plugin'],
    ],
    [
      'a plugin without a command',
      plugin('', { command: '' }),
      ['command must be specified to use exec authentication plugin'],
    ],
    [
      'a plugin with an unknown mode',
      plugin('', { interactiveMode: 'Sometimes' }),
      ['invalid interactiveMode: "Sometimes"'],
    ],
    [
      'a plugin that must ask the user',
      plugin('', { interactiveMode: 'Always' }),
      ['getting credentials: exec plugin cannot support interactive mode: standard input is not a terminal'],
    ],
    [
      'a plugin that fails',
      plugin(FAILING),
      ['getting credentials: exec: executable /bin/sh failed with exit code 3', 'log in first'],
    ],
    [
      'a plugin that is not installed',
      plugin('', { command: 'issue-tokens', installHint: 'get it from example.com' }),
      ['getting credentials: exec: program issue-tokens not found', 'get it from example.com'],
    ],
    ['a plugin that prints something else', plugin('echo hello'), ['getting credentials: decoding stdout: ']],
    [
      'a plugin that answers in another version',
      plugin(credential({ token: 'x' }, { apiVersion: 'client.authentication.k8s.io/v1beta1' })),
      [
        `exec plugin is configured to use API version ${V1}, plugin returned version client.authentication.k8s.io/v1beta1`,
      ],
    ],
    ['a plugin without a status', plugin('echo {}'), ["exec plugin didn't return a status field"]],
    ['a plugin that issues nothing', plugin(credential({})), ['exec plugin did not return a token or cert/key pair']],
    [
      'a plugin that issues half',
      plugin(credential({ clientKeyData: 'x' })),
      ['exec plugin returned only certificate or key, not both'],
    ],
    [
      'expired credentials',
      plugin(credential({ token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' })),
      ['connection is unauthorized: Unauthorized', 'renew the credentials'],
    ],
    ['a token file that is missing', { tokenFile: 'nosuch' }, [`open ${FOLDER}/nosuch: no such file or directory`]],
    [
      'an authority that is missing',
      { token: 'x' },
      [`unable to read certificate-authority ${FOLDER}/nosuch`],
      { 'certificate-authority': 'nosuch' },
    ],
    [
      'a certificate without its key',
      { 'client-certificate': 'client.crt' },
      ['client-key-data or client-key must be specified to use the clientCert authentication method'],
    ],
    ['a server that is another', { token: 'x' }, ['certificate'], { 'tls-server-name': 'elsewhere.example' }],
  ])('and refuses %s, with the reason and without secrets', async (_, user, texts, more = {}) => {
    const { exit, stdout, stderr } = await get(write('config', stringify(parts(user, more))));
    expect([exit, stdout]).toEqual([1, '']);
    for (const text of texts) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/secret|admin-token/);
  });
});
