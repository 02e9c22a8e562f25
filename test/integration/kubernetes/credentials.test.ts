import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { embedded } from '../../support/network/tls-keys.ts';
import {
  answering,
  client,
  closeAll,
  FOLDER,
  failureOf,
  KEYS,
  kubeconfig,
  POD,
  server,
  status,
  withKubeconfig,
} from './stage.ts';

afterEach(closeAll);

describe('credentials', () => {
  test('of all three kinds are sent', async () => {
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

  test('are read again once when they are rejected, as the file may be newer', async () => {
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

  test('rejected on a connection that the server then closes count as rejected, not as unreachable', async () => {
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

  test('that stay rejected are reported by their file', async () => {
    const { url, asked } = await server('http1', (_, respond) => respond(401, status(401, 'Unauthorized')));
    const file = kubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { token: 'stale' });
    const found = await failureOf(client({ kubernetes: { kubeconfig: file } }).namespace('a'));
    expect(found).toMatchObject({ code: 999, message: 'Unauthorized' });
    expect(found.details).toContain(`the credentials in ${file} were refused`);
    expect(asked).toHaveLength(2);
  });

  test('may come from a program, which learns the cluster they are for', async () => {
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

  test('that a program refuses to issue fail with its message', async () => {
    const { url } = await server('http2', answering);
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', 'echo log in first >&2; exit 3'],
    };
    const found = await failureOf(
      withKubeconfig({ server: url, 'certificate-authority': KEYS.ca }, { exec }).namespace('a'),
    );
    expect(found.message).toBe('getting credentials: exec: executable sh failed with exit code 3');
    expect(found.details).toContain('log in first');
  });
});
