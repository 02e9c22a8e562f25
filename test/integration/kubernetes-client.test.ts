import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type CniError, toCniError } from '../../shared/cni/cni-error.ts';
import { readNetConf } from '../../shared/cni/netconf-read.ts';
import { Failure } from '../../shared/error/failure.ts';
import { openKubernetes } from '../../shared/kubernetes/client.ts';
import { silent } from '../../shared/log/log.ts';
import { processWorld } from '../../shared/system/process-world.ts';
import { type Answer, type KubernetesServer, type Style, startServer } from '../support/kubernetes-server.ts';
import { embedded, makeKeys } from '../support/tls.ts';
import { makeCertificates } from './etcd/servers.ts';

const KEYS = makeKeys();
const FOLDER = mkdtempSync(join(tmpdir(), 'calico-kubeconfig-'));
const opened: { close(): void }[] = [];

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function server(style: Style['style'], answer: Answer, wantsCertificate = false): Promise<KubernetesServer> {
  const started = await startServer(KEYS, { style, wantsCertificate }, answer);
  opened.push(started);
  return started;
}

/** A kubeconfig in JSON, which needs no library. */
function kubeconfig(cluster: object, user: object): string {
  const file = join(FOLDER, `config-${opened.length}-${Math.random()}`);
  const named = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(file, JSON.stringify({ ...named, 'current-context': 'x' }));
  return file;
}

function client(conf: object, limit = 20_000) {
  const world = { ...processWorld(), env: { PATH: process.env['PATH'] } };
  const netConf = readNetConf(JSON.stringify({ name: 'n', ...conf }));
  const kubernetes = openKubernetes({ conf: netConf, world, log: silent, deadline: world.elapsed() + limit });
  opened.push(kubernetes);
  return kubernetes;
}

const withKubeconfig = (cluster: object, user: object) =>
  client({ kubernetes: { kubeconfig: kubeconfig(cluster, user) } });

async function failureOf(work: Promise<unknown>): Promise<CniError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return toCniError(thrown);
  throw new Error(`no failure in words of ours but ${thrown}`);
}

const POD = { kind: 'Pod', metadata: { name: 'web-0', labels: { app: 'web' } }, spec: { serviceAccountName: 'sa' } };
const status = (code: number, message: string) => ({ kind: 'Status', code, message });
const answering: Answer = ({ path }, respond) =>
  respond(200, path.includes('/pods/') ? POD : { metadata: { labels: { path } } });

describe.each(['http', 'http1', 'http2'] as const)('a server that speaks %s', (style) => {
  test('is asked for pod, namespace and node', async () => {
    const { url } = await server(style, answering);
    const kubernetes = withKubeconfig({ server: `${url}/`, 'certificate-authority': KEYS.ca }, { token: 'T' });
    const [pod, namespace, node] = await Promise.all([
      kubernetes.pod('prod', 'web-0'),
      kubernetes.namespace('prod'),
      kubernetes.node('node1'),
    ]);
    expect(pod).toMatchObject({ labels: { app: 'web' }, serviceAccountName: 'sa' });
    expect(namespace.labels['path']).toBe('/api/v1/namespaces/prod');
    expect(node.podCIDRs).toEqual([]);
  });

  test('is sent credentials only where nobody can overhear them', async () => {
    const { url, asked } = await server(style, answering);
    await withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'T' }).namespace('a');
    expect(asked).toMatchObject([
      { authorization: style === 'http' ? undefined : 'Bearer T', version: style === 'http2' ? '2.0' : '1.1' },
    ]);
  });

  test('may refuse in its own words', async () => {
    const { url } = await server(style, (_, respond) => respond(404, status(404, 'pods "nope" not found')));
    const found = await failureOf(
      withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).pod('prod', 'nope'),
    );
    expect(found).toMatchObject({ code: 999, message: 'pods "nope" not found' });
  });

  test('that breaks off in the middle has not answered', async () => {
    const { url } = await server(style, (_, respond, hangUp) => {
      respond(200, `{"metadata":{"labels":{"a":"${'x'.repeat(200_000)}`);
      setTimeout(hangUp, 5);
    });
    const found = await failureOf(withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: `Kubernetes API server ${url} cannot be reached` });
  });

  test('that closes without a word has not answered', async () => {
    const { url } = await server(style, (_request, _respond, hangUp) => hangUp());
    const found = await failureOf(withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: `Kubernetes API server ${url} cannot be reached` });
  });

  test('that answers more than can be meant is given up, and the limit named', async () => {
    const { url } = await server(style, (_, respond) => respond(200, `"${'x'.repeat(70 << 20)}"`));
    const found = await failureOf(withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, details: 'an answer of more than 64 MB, which is the limit' });
  });

  test('that stays silent is given up at the deadline', async () => {
    const { url } = await server(style, () => undefined);
    const conf = { kubernetes: { kubeconfig: kubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}) } };
    const found = await failureOf(client(conf, 2_000).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: `Kubernetes API server ${url} cannot be reached` });
    expect(found.details).toMatch(/^no answer within [\d.]+ s$/);
  });
});

describe('credentials', () => {
  test('of all three kinds go out', async () => {
    const { url, asked } = await server('http2', answering, true);
    const cluster = { server: url, 'certificate-authority-data': embedded(KEYS.ca) };
    await withKubeconfig(cluster, {
      'client-certificate-data': embedded(KEYS.clientCert),
      'client-key-data': embedded(KEYS.clientKey),
    }).namespace('a');
    const files = { 'client-certificate': KEYS.clientCert, 'client-key': KEYS.clientKey };
    await withKubeconfig(
      { server: url, 'insecure-skip-tls-verify': true },
      { ...files, username: 'u', password: 'p' },
    ).namespace('a');
    expect(asked).toMatchObject([
      { client: 'client', authorization: undefined },
      { client: 'client', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` },
    ]);
  });

  test('are read once more when they are refused: the file may be newer', async () => {
    const tokenFile = join(FOLDER, 'token');
    writeFileSync(tokenFile, 'old\n');
    const { url, asked } = await server('http2', ({ authorization }, respond) => {
      writeFileSync(tokenFile, 'new\n');
      if (authorization === 'Bearer new') respond(200, POD);
      else respond(401, status(401, 'Unauthorized'));
    });
    const kubernetes = withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { tokenFile });
    await Promise.all([kubernetes.pod('a', 'b'), kubernetes.namespace('a')]);
    expect(asked.map(({ authorization }) => authorization).sort()).toEqual([
      'Bearer new',
      'Bearer new',
      'Bearer old',
      'Bearer old',
    ]);
  });

  test('that are refused on a connection which the server then leaves are refused, not unreachable', async () => {
    const { url, asked } = await server('http2', (_request, respond, _hangUp, leave) => {
      leave();
      respond(401, status(401, 'Unauthorized'));
    });
    const kubernetes = withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'stale' });
    const found = await Promise.all([failureOf(kubernetes.pod('a', 'b')), failureOf(kubernetes.namespace('a'))]);
    expect(found.map(({ code, message }) => ({ code, message }))).toEqual([
      { code: 999, message: 'Unauthorized' },
      { code: 999, message: 'Unauthorized' },
    ]);
    expect(asked).toHaveLength(4);
  });

  test('that stay refused are told by their file', async () => {
    const { url, asked } = await server('http1', (_, respond) => respond(401, status(401, 'Unauthorized')));
    const file = kubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'stale' });
    const found = await failureOf(client({ kubernetes: { kubeconfig: file } }).namespace('a'));
    expect(found).toMatchObject({ code: 999, message: 'Unauthorized' });
    expect(found.details).toContain(`the credentials in ${file} are refused`);
    expect(asked).toHaveLength(2);
  });

  test('may come from a program, which is told what it is for', async () => {
    const { url, asked } = await server('http2', answering);
    const program = join(FOLDER, 'issue');
    writeFileSync(
      program,
      `#!/bin/sh\ncase "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) printf '{"status":{"token":"%s-%s"}}' "$1" "$WHO";; esac\n`,
    );
    chmodSync(program, 0o755);
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './issue',
      args: ['issued'],
      env: [{ name: 'WHO', value: 'me' }],
    };
    await withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { exec }).namespace('a');
    expect(asked).toMatchObject([{ authorization: 'Bearer issued-me' }]);
  });

  test('that a program refuses to issue fail with its words', async () => {
    const { url } = await server('http2', answering);
    const exec = { command: 'sh', args: ['-c', 'echo log in first >&2; exit 3'] };
    const found = await failureOf(
      withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { exec }).namespace('a'),
    );
    expect(found.message).toBe('getting credentials: exec: executable sh failed with exit code 3');
    expect(found.details).toContain('log in first');
  });
});

describe('a server', () => {
  test('that nobody vouches for is refused, and no token is sent', async () => {
    const { url, asked } = await server('http2', answering);
    const found = await failureOf(withKubeconfig({ server: url }, { token: 'T' }).namespace('a'));
    expect(found.code).toBe(999);
    expect(found.message).toContain(`Kubernetes API server ${url}: `);
    expect(asked).toEqual([]);
  });

  test('that leaves a connection is asked on another one what it has not looked at', async () => {
    const { url, asked } = await server('http2', (request, respond, hangUp, leave) => {
      if (asked.length === 1) leave();
      answering(request, respond, hangUp, leave);
    });
    const kubernetes = withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'T' });
    const [pod, namespace] = await Promise.all([kubernetes.pod('prod', 'web-0'), kubernetes.namespace('prod')]);
    expect([pod.serviceAccountName, namespace.labels['path']]).toEqual(['sa', '/api/v1/namespaces/prod']);
    expect((await kubernetes.node('node1')).podCIDRs).toEqual([]);
  });

  test('that leaves one connection after the other is given up', async () => {
    const { url, asked } = await server('http2', (request, respond, hangUp, leave) => {
      leave();
      answering(request, respond, hangUp, leave);
    });
    const kubernetes = withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'T' });
    const names = ['a', 'b', 'c', 'd'];
    const found = await Promise.allSettled(names.map((name) => kubernetes.namespace(name)));
    expect(found.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(found[3]).toMatchObject({ reason: { kind: 'api server unavailable', details: 'the server is going away' } });
    expect(asked).toHaveLength(3);
  });

  test('may go by another name', async () => {
    const { url } = await server('http2', answering);
    const cluster = (name: string) => ({ server: url, 'certificate-authority': KEYS.ca, 'tls-server-name': name });
    await withKubeconfig(cluster('kubernetes.example'), {}).namespace('a');
    expect((await failureOf(withKubeconfig(cluster('other.example'), {}).namespace('a'))).code).toBe(999);
  });

  test.each(['http1', 'http2'] as const)('that has its name as Common Name alone is refused over %s', async (style) => {
    const certificates = makeCertificates();
    const [serverCert, serverKey] = ['pem', 'key'].map((kind) => join(certificates.folder, `common-name.${kind}`));
    const keys = { ...KEYS, serverCert: serverCert ?? '', serverKey: serverKey ?? '' };
    const started = await startServer(keys, { style }, answering);
    opened.push(started);
    const cluster = {
      server: started.url.replace('127.0.0.1', '[localhost]'),
      'certificate-authority': join(certificates.folder, 'ca.pem'),
    };
    const found = await failureOf(withKubeconfig(cluster, { token: 'T' }).namespace('a'));
    expect(found).toMatchObject({ code: 999, message: expect.stringContaining('no subjectAltName for localhost') });
    expect(started.asked).toEqual([]);
    await withKubeconfig({ ...cluster, 'insecure-skip-tls-verify': true }, {}).namespace('a');
  });

  test('that is not there is told by its address', async () => {
    const found = await failureOf(withKubeconfig({ server: 'https://127.0.0.1:9' }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: 'Kubernetes API server https://127.0.0.1:9 cannot be reached' });
    expect(found.details).toContain('ECONNREFUSED');
  });

  test.each([
    [503, 11],
    [429, 11],
    [403, 999],
  ])('that answers %i without a Status is quoted by its number', async (code, wanted) => {
    const { url } = await server('http', (_, respond) => respond(code, 'no JSON'));
    const found = await failureOf(withKubeconfig({ server: url }, {}).pod('a', 'web-0'));
    expect(found.code).toBe(wanted);
    expect(found.message).toContain('(get pods web-0)');
  });

  test('that answers something else than JSON is no API server', async () => {
    const { url } = await server('http', (_, respond) => respond(200, '<html>'));
    expect((await failureOf(withKubeconfig({ server: url }, {}).namespace('a'))).code).toBe(11);
  });

  test('is found through the network configuration alone', async () => {
    const { url, asked } = await server('http2', answering);
    const policy = { k8s_api_root: `${url}/api/v1/`, k8s_auth_token: 'P', k8s_certificate_authority: KEYS.ca };
    await client({ policy }).namespace('a');
    expect(asked).toMatchObject([{ path: '/api/v1/namespaces/a', authorization: 'Bearer P' }]);
  });
});
