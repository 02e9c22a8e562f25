import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type PodAccount, pluginToken } from '../../../ctl/install/pod-account.ts';
import { readSettings } from '../../../ctl/install/settings.ts';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import { Failure } from '../../../shared/error/failure.ts';
import { NOTHING } from '../../../shared/kubernetes/api-config.ts';
import { processWorld } from '../../../shared/system/process-world.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';

const KEYS = makeKeys();
const SETTINGS = readSettings({}, undefined, true);
const opened: { close(): void }[] = [];

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

/** The requests that an HTTP/1.1 server received. */
interface Asked {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A server that gives every request the same answer. Resolves to its URL and its requests. */
async function serving(status: number, answer: string) {
  const asked: Asked[] = [];
  const tls = { key: readFileSync(KEYS.serverKey), cert: readFileSync(KEYS.serverCert) };
  const server = createServer(tls, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const account = (server: string): PodAccount => ({
  api: { ...NOTHING, server, ca: { file: KEYS.ca }, token: 'own-token', source: '/token' },
  namespace: 'kube-system',
  token: 'own-token',
  ca: '',
});

const ask = (server: string) => pluginToken(account(server), SETTINGS, processWorld());
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing thrown',
    (error: unknown) => {
      if (!(error instanceof Failure)) return error;
      const { code, message } = toCniError(error);
      return `${code} ${message}`;
    },
  );

describe("the plugin's token", () => {
  test('is requested for its own service account, for a day', async () => {
    const { url, asked } = await serving(201, '{"status":{"token":"fresh"}}');
    expect(await ask(url)).toBe('fresh');
    const [{ body, ...question } = { body: '' }] = asked;
    expect(question).toEqual({
      line: 'POST /api/v1/namespaces/kube-system/serviceaccounts/calico-cni-plugin/token',
      authorization: 'Bearer own-token',
    });
    expect(JSON.parse(body)).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 86_400 },
    });
  });

  test("is the pod's own if the API server does not support token requests", async () => {
    const { url } = await serving(
      404,
      '{"kind":"Status","message":"the server could not find the requested resource"}',
    );
    expect(await ask(url)).toBe('own-token');
  });

  test.each([
    [
      403,
      '{"kind":"Status","message":"forbidden"}',
      '999 cannot get a token for kube-system/calico-cni-plugin: forbidden',
    ],
    [
      404,
      JSON.stringify({ kind: 'Status', message: 'serviceaccounts "calico-cni-plugin" not found' }),
      '999 cannot get a token for kube-system/calico-cni-plugin: serviceaccounts "calico-cni-plugin" not found',
    ],
    [503, '', '11 cannot get a token for kube-system/calico-cni-plugin: the server responded with the status code 503'],
    [201, '{"status":{}}', '999 the Kubernetes API answered a token request without a token: status.token is missing'],
    [201, '<html>', '999 the Kubernetes API answered a token request without a token: '],
  ])('fails with an answer %i %s', async (status, answer, message) => {
    const { url } = await serving(status, answer);
    expect(await errorOf(ask(url))).toContain(message);
  });

  test('does not wait for a server that is gone', async () => {
    expect(await errorOf(ask('https://127.0.0.1:1'))).toMatch(/^11 Kubernetes API server .* cannot be reached/);
  });
});
