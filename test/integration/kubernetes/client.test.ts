import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startServer } from '../../support/kubernetes/fake-server.ts';
import { makeCertificates } from '../etcd/servers.ts';
import {
  answering,
  client,
  closeAll,
  failureOf,
  KEYS,
  kubeconfig,
  opened,
  server,
  status,
  withKubeconfig,
} from './stage.ts';

afterEach(closeAll);

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

  test('gets credentials only if the connection is encrypted', async () => {
    const { url, asked } = await server(style, answering);
    await withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'T' }).namespace('a');
    expect(asked).toMatchObject([
      { authorization: style === 'http' ? undefined : 'Bearer T', version: style === 'http2' ? '2.0' : '1.1' },
    ]);
  });

  test('has its own error message passed on', async () => {
    const { url } = await server(style, (_, respond) => respond(404, status(404, 'pods "nope" not found')));
    const found = await failureOf(
      withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).pod('prod', 'nope'),
    );
    expect(found).toMatchObject({ code: 999, message: 'pods "nope" not found' });
  });

  test('that disconnects in the middle of an answer is reported as unreachable', async () => {
    const { url } = await server(style, (_, respond, hangUp) => {
      respond(200, `{"metadata":{"labels":{"a":"${'x'.repeat(200_000)}`);
      setTimeout(hangUp, 5);
    });
    const found = await failureOf(withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: `Kubernetes API server ${url} cannot be reached` });
  });

  test('that closes the connection without an answer is reported as unreachable', async () => {
    const { url } = await server(style, (_request, _respond, hangUp) => hangUp());
    const found = await failureOf(withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: `Kubernetes API server ${url} cannot be reached` });
  });

  test('that answers too much is abandoned, and the error names the limit', async () => {
    const { url } = await server(style, (_, respond) => respond(200, `"${'x'.repeat(70 << 20)}"`));
    const found = await failureOf(withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, details: 'the answer is larger than the limit of 64 MB' });
  });

  test('that stays silent is abandoned at the deadline', async () => {
    const { url } = await server(style, () => undefined);
    const conf = { kubernetes: { kubeconfig: kubeconfig({ server: url, 'certificate-authority': KEYS.ca }, {}) } };
    const found = await failureOf(client(conf, 2_000).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: `Kubernetes API server ${url} cannot be reached` });
    expect(found.details).toMatch(/^no answer within [\d.]+ s$/);
  });
});

describe('a server', () => {
  test('with an untrusted certificate is rejected, and gets no token', async () => {
    const { url, asked } = await server('http2', answering);
    const found = await failureOf(withKubeconfig({ server: url }, { token: 'T' }).namespace('a'));
    expect(found.code).toBe(999);
    expect(found.message).toContain(`Kubernetes API server ${url}: `);
    expect(asked).toEqual([]);
  });

  test('that closes a connection gets its unprocessed requests on another one', async () => {
    const { url, asked } = await server('http2', (request, respond, hangUp, leave, begin) => {
      if (asked.length === 1) leave();
      answering(request, respond, hangUp, leave, begin);
    });
    const kubernetes = withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'T' });
    const [pod, namespace] = await Promise.all([kubernetes.pod('prod', 'web-0'), kubernetes.namespace('prod')]);
    expect([pod.serviceAccountName, namespace.labels['path']]).toEqual(['sa', '/api/v1/namespaces/prod']);
    expect((await kubernetes.node('node1')).podCIDRs).toEqual([]);
  });

  test('that closes one connection after another is abandoned', async () => {
    const { url, asked } = await server('http2', (request, respond, hangUp, leave, begin) => {
      leave();
      answering(request, respond, hangUp, leave, begin);
    });
    const kubernetes = withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'T' });
    const names = ['a', 'b', 'c', 'd'];
    const found = await Promise.allSettled(names.map((name) => kubernetes.namespace(name)));
    expect(found.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(found[3]).toMatchObject({
      reason: { kind: 'api server unavailable', details: 'the server is shutting down' },
    });
    expect(asked).toHaveLength(3);
  });

  test('may have another name', async () => {
    const { url } = await server('http2', answering);
    const cluster = (name: string) => ({ server: url, 'certificate-authority': KEYS.ca, 'tls-server-name': name });
    await withKubeconfig(cluster('kubernetes.example'), {}).namespace('a');
    expect((await failureOf(withKubeconfig(cluster('other.example'), {}).namespace('a'))).code).toBe(999);
  });

  test.each(['http1', 'http2'] as const)('that is named only in the Common Name is rejected over %s', async (style) => {
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

  test('that is unreachable is reported by its address', async () => {
    const found = await failureOf(withKubeconfig({ server: 'https://127.0.0.1:9' }, {}).namespace('a'));
    expect(found).toMatchObject({ code: 11, message: 'Kubernetes API server https://127.0.0.1:9 cannot be reached' });
    expect(found.details).toContain('ECONNREFUSED');
  });

  test.each([
    [503, 11],
    [429, 11],
    [403, 999],
  ])('that answers %i without a Status is reported with that number', async (code, wanted) => {
    const { url } = await server('http', (_, respond) => respond(code, 'no JSON'));
    const found = await failureOf(withKubeconfig({ server: url }, {}).pod('a', 'web-0'));
    expect(found.code).toBe(wanted);
    expect(found.message).toContain('(get pods web-0)');
  });

  test('that answers with something other than JSON is not an API server', async () => {
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
