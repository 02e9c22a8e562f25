import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, type CallChanges, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';

const SCRATCH = '/run/calico-test';
const SECRETS = {
  password: 'etcd-password-nobody-may-see',
  token: 'bearer-token-nobody-may-see',
  issued: 'issued-token-nobody-may-see',
  basic: 'basic-password-nobody-may-see',
};
const KEYS = makeKeys();
afterAll(() => rmSync(KEYS.folder, { recursive: true }));

/** Programs that record their arguments before they run the real program. */
const SPIES = ['ip', 'nsenter', 'tc', 'flock', 'sh'];
const SPY = `#!/bin/sh\nprintf '%s\\n' "$0 $*" >>${SCRATCH}/argv\nPATH=/usr/sbin:/usr/bin:/sbin:/bin exec "\${0##*/}" "$@"\n`;
const BANDWIDTH: Conf = {
  bandwidth: { ingressRate: 8_000_000, ingressBurst: 80_000, egressRate: 8_000_000, egressBurst: 80_000 },
};
const DEBUG: Conf = { log_level: 'debug', log_file_path: '/var/log/calico/cni/cni.log', runtimeConfig: BANDWIDTH };
const POD = 'K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0';

/** The ways in which a kubeconfig authenticates. */
const USERS: Readonly<Record<string, object>> = {
  'a token': { token: SECRETS.token },
  'a token in a file': { tokenFile: `${SCRATCH}/token` },
  'a program that issues a token': {
    exec: {
      command: `${SCRATCH}/issue`,
      apiVersion: 'client.authentication.k8s.io/v1',
      env: [{ name: 'SEED', value: SECRETS.token }],
    },
  },
  'a name and a password': { username: 'me', password: SECRETS.basic },
  'a certificate and its key': {
    'client-certificate-data': Buffer.from(readFileSync(KEYS.clientCert)).toString('base64'),
    'client-key-data': Buffer.from(readFileSync(KEYS.clientKey)).toString('base64'),
  },
};

describe.concurrent('secrets do not leak', () => {
  test.for(Object.keys(USERS))(
    'when a kubeconfig has %s, whether the API server accepts it or not',
    { timeout: 120_000 },
    async (name, { bed }) => {
      await furnish(bed);
      for (const status of [200, 401, 500]) {
        const server = await apiServer(bed, status);
        try {
          const container = await bed.container();
          const changes = kubernetes(bed, USERS[name] ?? {});
          const add = await bed.call('ADD', container, changes);
          expect(add.exit, add.stdout + add.stderr).toBe(status === 200 ? 0 : 1);
          const del = await bed.call('DEL', container, changes);
          keepsSecrets(bed, [add, del]);
        } finally {
          await server.stop();
        }
      }
      const refused = await bed.call('ADD', await bed.container(), kubernetes(bed, USERS[name] ?? {}));
      failureOf(refused);
      keepsSecrets(bed, [refused]);
    },
  );

  test('when etcd requires a password, and when a release is journaled', async ({ bed }) => {
    await furnish(bed);
    const [container, other] = [await bed.container(), await bed.container()];
    const env = { ETCD_USERNAME: 'cni', ETCD_PASSWORD: SECRETS.password };
    const changes = { ...spied(), env, conf: conf(DEBUG) };
    await bed.add(container, changes);
    const dead = conf({ ...DEBUG, etcd_endpoints: `http://cni:${SECRETS.password}@127.0.0.1:1` });
    const calls = [
      await bed.call('ADD', other, { ...changes, conf: dead }),
      await bed.call('DEL', container, { ...changes, conf: dead }),
    ];
    failureOf(calls[0] ?? expect.unreachable());
    expect(journal(bed)).toHaveLength(1);
    keepsSecrets(bed, calls);
  });
});

async function furnish(bed: Bed): Promise<void> {
  const write = (name: string, text: string, mode = 0o600) =>
    writeFileSync(bed.host.file(`${SCRATCH}/${name}`), text, { mode });
  await bed.host.must('mkdir', ['-p', `${SCRATCH}/bin`]);
  for (const spy of SPIES) write(`bin/${spy}`, SPY, 0o755);
  write('argv', '');
  write('token', SECRETS.token);
  const status = JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1',
    status: { token: SECRETS.issued },
  });
  write('issue', `#!/bin/sh\necho '${status}'\n`, 0o755);
}

function kubernetes(bed: Bed, user: object): CallChanges {
  const kubeconfig = `${SCRATCH}/kubeconfig`;
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority': KEYS.ca } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(bed.host.file(kubeconfig), JSON.stringify(config), { mode: 0o600 });
  const full = conf({ ...DEBUG, policy: { type: 'k8s' }, kubernetes: { kubeconfig } });
  return { args: POD, conf: full, ...spied() };
}

/** The executable with the recording programs first in PATH. */
const spied = (): CallChanges => ({
  plugin: '/usr/bin/env',
  argv: [`PATH=${SCRATCH}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, `${tools().bin}/calico`],
});

const SERVER = `
const [status, cert, key] = process.argv.slice(1);
const { readFileSync } = require('node:fs');
require('node:https').createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  const { authorization } = request.headers;
  const body = status === '200' ? { metadata: { name: 'x', labels: { a: 'b' } }, spec: { containers: [] } } : { kind: 'Status', message: 'not so' };
  response.writeHead(Number(status), { 'content-type': 'application/json' }).end(JSON.stringify(body));
}).listen(6443, '127.0.0.1', () => console.log('listening'));`;

/** A server on the machine that answers every request with this status. */
async function apiServer(bed: Bed, status: number): Promise<{ stop(): Promise<void> }> {
  const [program = '', ...enter] = bed.host.enter();
  const words = [process.execPath, '-e', SERVER, String(status), KEYS.serverCert, KEYS.serverKey];
  const child = spawn(program, [...enter, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** No answer, log, file or argument of a program may contain a secret. */
function keepsSecrets(bed: Bed, ran: readonly { readonly stdout: string; readonly stderr: string }[]): void {
  const log = readFileSync(bed.host.file('/var/log/calico/cni/cni.log'), 'utf8');
  expect(log).toContain('[DEBUG]');
  const argv = readFileSync(bed.host.file(`${SCRATCH}/argv`), 'utf8');
  expect(argv).toContain('/bin/tc ');
  const said = [...ran.flatMap(({ stdout, stderr }) => [stdout, stderr]), log, argv, ...journal(bed)];
  const key = readFileSync(KEYS.clientKey, 'utf8').split('\n')[1] ?? '';
  for (const secret of [...Object.values(SECRETS), key]) {
    const encoded = [
      secret,
      Buffer.from(secret).toString('base64').slice(0, 20),
      Buffer.from(`me:${secret}`).toString('base64'),
    ];
    for (const text of said) for (const form of encoded) expect(text).not.toContain(form);
  }
}

function journal(bed: Bed): readonly string[] {
  const folder = bed.host.file('/var/lib/calico/cni-journal');
  return existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8')) : [];
}
