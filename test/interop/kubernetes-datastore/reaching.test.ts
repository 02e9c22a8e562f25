import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOf } from '../../support/calls/call.ts';
import { PORT } from '../../support/kubernetes/api-server.ts';
import { PLUGIN_TOKEN } from '../../support/kubernetes/plugin-user.ts';
import { kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import { startRelay } from '../../support/network/relay.ts';
import type { Conf } from '../../support/stored/cluster.ts';

const FOLDER = '/run/calico-test/reaching';
const CA = `${FOLDER}/ca.crt`;
const TOKEN = `${FOLDER}/token`;
const V6 = PORT + 3;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const URL = `https://127.0.0.1:${PORT}`;

interface Way {
  readonly cluster?: Conf;
  readonly user?: Conf;
  readonly env?: Readonly<Record<string, string>>;
  readonly kubernetes?: Conf | undefined;
  readonly policy?: Conf;
}

/** Ways to say where the API server is, and who asks. Without a cluster there is no kubeconfig. */
const WAYS: Readonly<Record<string, Way>> = {
  'a token file beside the kubeconfig': { cluster: { server: URL }, user: { tokenFile: 'token' } },
  'a token file rather than the old token': { cluster: { server: URL }, user: { token: 'old', tokenFile: TOKEN } },
  'a program that issues a token': {
    cluster: { server: URL },
    user: {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: '/bin/sh',
        args: ['-c', `echo '{"kind":"ExecCredential","status":{"token":"'$(/bin/cat ${TOKEN})'"}}'`],
      },
    },
  },
  'a server in brackets': { cluster: { server: `https://[::1]:${V6}`, 'tls-server-name': '127.0.0.1' } },
  'a server whose certificate is not checked': {
    cluster: { server: URL, 'certificate-authority': undefined, 'insecure-skip-tls-verify': true },
  },
  'KUBECONFIG alone': { cluster: { server: URL }, kubernetes: undefined, env: { KUBECONFIG: `${FOLDER}/kubeconfig` } },
  'CALICO_KUBECONFIG before the configuration': {
    cluster: { server: URL },
    kubernetes: { kubeconfig: '/nowhere' },
    env: { CALICO_KUBECONFIG: `${FOLDER}/kubeconfig` },
  },
  'the second of two kubeconfigs': {
    cluster: { server: URL },
    kubernetes: { kubeconfig: `/nowhere:${FOLDER}/kubeconfig` },
  },
  k8s_api_root: {
    cluster: { server: 'https://127.0.0.1:1' },
    kubernetes: { kubeconfig: `${FOLDER}/kubeconfig`, k8s_api_root: URL },
  },
  'variables alone': {
    kubernetes: undefined,
    env: { K8S_API_ENDPOINT: URL, K8S_CA_FILE: CA, CALICO_K8SAPITOKEN: PLUGIN_TOKEN },
  },
  'k8s_auth_token where nothing else has credentials': {
    cluster: { server: URL },
    user: {},
    policy: { k8s_auth_token: PLUGIN_TOKEN },
  },
  'the service account of a pod': {
    kubernetes: undefined,
    env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(PORT) },
  },
};

inOneGroup('the API server is reached', (bed) => {
  let stopRelay: () => void;
  beforeAll(async () => {
    const { host, kubernetes } = bed;
    const made = `cp ${kubernetes.ca} ${CA}; echo ${PLUGIN_TOKEN} > ${TOKEN}; cp ${CA} ${TOKEN} ${ACCOUNT}`;
    await host.must('sh', ['-ec', `mkdir -p ${FOLDER} ${ACCOUNT}; ${made}`]);
    stopRelay = await startRelay(host, { listen: V6, address: '::1', to: PORT });
  });
  beforeEach(() => bed.reset());
  afterAll(() => stopRelay?.());

  function kubeconfig(cluster: Conf, user: Conf): string {
    const path = `${FOLDER}/kubeconfig`;
    const named = {
      clusters: [{ name: 'c', cluster: { 'certificate-authority': CA, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(bed.host.file(path), JSON.stringify(named));
    return path;
  }

  test.each(Object.entries(WAYS))('by %s', async (_, { cluster, user = { token: PLUGIN_TOKEN }, env = {}, ...way }) => {
    const path = cluster === undefined ? undefined : kubeconfig(cluster, user);
    const kubernetes = 'kubernetes' in way ? way.kubernetes : { kubeconfig: path };
    const name = await bed.pod();
    const changes = { ...kddPod(name, { kubernetes, policy: { type: 'k8s', ...way.policy } }), env };
    const container = await bed.container();
    await bed.add(container, changes);
    await bed.del(container, changes);
    await expectNothingHeld(bed);
  });

  test('with credentials that are renewed while a call runs', async () => {
    // The first token that it issues has expired.
    const command = `/bin/cat ${FOLDER}/next; printf ${PLUGIN_TOKEN} > ${FOLDER}/next`;
    const args = ['-c', `echo '{"kind":"ExecCredential","status":{"token":"'$(${command})'"}}'`];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args };
    const renewed = { kubernetes: { kubeconfig: kubeconfig({ server: URL }, { exec }) } };
    const name = await bed.pod();
    const container = await bed.container();
    for (const verb of ['ADD', 'DEL'] as const) {
      writeFileSync(bed.host.file(`${FOLDER}/next`), 'expired');
      const { exit, stdout } = await bed.call(verb, container, kddPod(name, renewed));
      expect({ exit, stdout: exit === 0 ? '' : stdout }).toEqual({ exit: 0, stdout: '' });
      expect(readFileSync(bed.host.file(`${FOLDER}/next`), 'utf8')).toBe(PLUGIN_TOKEN);
    }
    await expectNothingHeld(bed);
  });

  test('with a certificate authority that has been renewed since the last call', async () => {
    const changes = kddPod(await bed.pod(), {
      kubernetes: { kubeconfig: kubeconfig({ server: URL }, { token: PLUGIN_TOKEN }) },
    });
    const container = await bed.container();
    await bed.host.must('sh', [
      '-ec',
      `openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out ${CA} -subj /CN=old -days 1`,
    ]);
    const { code, msg, details = '' } = failureOf(await bed.call('ADD', container, changes));
    await bed.host.must('cp', [bed.kubernetes.ca, CA]);
    expect(msg + details).toMatch(/certificate/);
    expect(code).toBe(999);
    await bed.add(container, changes);
    await bed.del(container, changes);
    await expectNothingHeld(bed);
  });
});
