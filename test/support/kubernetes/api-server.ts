import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInSandbox } from '../../../build/sandbox.ts';
import { tools } from '../../../build/tools.ts';
import { startEtcd } from '../etcd/etcd.ts';
import type { Host } from '../host/host.ts';
import { startRelay } from '../network/relay.ts';
import { type Ask, apiClient } from './api-client.ts';
import { PLUGIN_TOKEN, PLUGIN_USER } from './plugin-user.ts';

/** A real API server on a test machine, with an etcd of its own. */
export interface Kubernetes {
  readonly url: string;
  /** The file with its certificate, which is its own authority. */
  readonly ca: string;
  /** The authority of the users' certificates: a file, with its key beside it under `.key`. */
  readonly clientCa: string;
  /** Asks as an administrator. */
  readonly ask: Ask;
  /** Sends requests as the owner of another token. */
  askAs(token: string): Ask;
  /** Creates an object at the path of its kind; throws when it is refused. */
  create(path: string, body: object): Promise<void>;
  /** Freezes it: the kernel accepts connections, but nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends the API server, so that connections are refused. `restart` starts it again with its data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the etcd behind it and, after `pause`, brings it back with what it held. */
  restartEtcd(pause: () => Promise<unknown>): Promise<void>;
  /** Makes the etcd behind it forget what was stored before. */
  compact(): Promise<void>;
  /** Starts another API server on the same etcd; it ends with this one. */
  another(): Promise<Pick<Kubernetes, 'url' | 'ca'>>;
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  /** Notes every request of the plugin's user in AUDIT_LOG. */
  readonly audit?: boolean;
  /** An address of the machine: it listens there, and at 127.0.0.1, instead of at 127.0.0.1 alone. */
  readonly address?: string;
  /** Pods get their service account's token, for which a controller manager must run. */
  readonly serviceAccounts?: boolean;
}

export const ADMIN_TOKEN = 'admin-token';
/** An administrator whose requests are noted too. */
export const OPERATOR_TOKEN = 'operator-token';
const FOLDER = '/run/calico-test/kubernetes';
/** The key that signs service accounts' tokens. */
export const ACCOUNT_KEY = `${FOLDER}/sa.key`;
export const AUDIT_LOG = `${FOLDER}/audit.log`;
export const PORT = 6443;
const ETCD_PORT = 2479;
const CLIENT_CA = `${FOLDER}/client-ca.crt`;
const AUTHORITIES = { ca: `${FOLDER}/certs/apiserver.crt`, clientCa: CLIENT_CA };
const OTHER_PORT = PORT + 10;
/** The API server's socket for clients outside of the machine. */
export const API_SOCKET = `${FOLDER}/api`;
const OTHER_SOCKET = `${FOLDER}/other-api`;

/** Whether an API server is available; the set-up has said why not. */
export const hasKubernetes = (): boolean => isInSandbox() && tools().kubeApiserver !== undefined;

/** Starts the API server at 127.0.0.1 of the machine. It ends with the test process. */
export async function startKubernetes(host: Host, options: KubernetesOptions = {}): Promise<Kubernetes> {
  let etcd = await startEtcd(host, ETCD_PORT);
  await writeFiles(host);
  const stopRelay = await startRelay(host, { listen: API_SOCKET, to: PORT });
  let child = launch(host, etcd.endpoint, options);
  const { ask, close } = apiClient(host.file(API_SOCKET), ADMIN_TOKEN);
  const kill = () => killed(child);
  const others: (() => Promise<void>)[] = [];
  const stop = async () => {
    await kill();
    for (const end of others) await end();
    close();
    stopRelay();
    await etcd.stop();
  };
  try {
    await untilReady(ask, child);
  } catch (error) {
    await stop();
    throw error;
  }
  const create = creating(ask);
  await grant(create, options);
  return {
    url: `https://127.0.0.1:${PORT}`,
    ...AUTHORITIES,
    ask,
    askAs: (token) => apiClient(host.file(API_SOCKET), token).ask,
    create,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    restart: async () => {
      child = launch(host, etcd.endpoint, options);
      await untilReady(ask, child);
    },
    restartEtcd: async (pause) => {
      await etcd.stop();
      await pause();
      etcd = await startEtcd(host, ETCD_PORT);
      await untilReady(ask, child);
    },
    compact: async () => void (await etcd.post('kv/compaction', { revision: await etcd.revision(), physical: true })),
    another: () => startAnother(host, etcd.endpoint, others),
    stop,
  };
}

const creating = (ask: Kubernetes['ask']) => async (path: string, body: object) => {
  const { status, body: said } = await ask('POST', path, body);
  if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(said)}`);
};

/** The users' tokens, the key of service accounts and what is to be noted. */
async function writeFiles(host: Host): Promise<void> {
  mkdirSync(host.file(FOLDER), { recursive: true });
  const operator = `${OPERATOR_TOKEN},operator,3,"system:masters"`;
  const tokens = [operator, `${ADMIN_TOKEN},admin,1,"system:masters"`, `${PLUGIN_TOKEN},${PLUGIN_USER},2`];
  writeFileSync(host.file(`${FOLDER}/tokens.csv`), `${tokens.join('\n')}\n`);
  writeFileSync(host.file(`${FOLDER}/audit.json`), JSON.stringify(AUDIT_POLICY));
  await host.must('openssl', ['genrsa', '-out', ACCOUNT_KEY, '2048']);
  const authority = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=clients', '-days', '2'];
  await host.must('openssl', ['req', '-x509', ...authority, '-keyout', `${CLIENT_CA}.key`, '-out', CLIENT_CA]);
}

/** Another server on the same etcd; `ends` receives what ends it. */
async function startAnother(
  host: Host,
  etcd: string,
  ends: (() => Promise<void>)[],
): Promise<Pick<Kubernetes, 'url' | 'ca'>> {
  const server = launch(host, etcd, {}, OTHER_PORT);
  ends.push(() => killed(server));
  const stopRelay = await startRelay(host, { listen: OTHER_SOCKET, to: OTHER_PORT });
  const client = apiClient(host.file(OTHER_SOCKET), ADMIN_TOKEN);
  ends.push(async () => {
    client.close();
    stopRelay();
  });
  await untilReady(client.ask, server);
  return { url: `https://127.0.0.1:${OTHER_PORT}`, ca: `${certsOf(OTHER_PORT)}/apiserver.crt` };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const certsOf = (port: number): string => (port === PORT ? `${FOLDER}/certs` : `${FOLDER}/certs-${port}`);

/** One line per answered request of the plugin's user and the operator, and of no other. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [PLUGIN_USER, 'operator'] }, { level: 'None' }],
};

function launch(
  host: Host,
  etcd: string,
  { audit = false, address, serviceAccounts = false }: KubernetesOptions,
  port = PORT,
): ChildProcess {
  const flags = {
    'etcd-servers': etcd,
    'secure-port': String(port),
    'bind-address': address === undefined ? '127.0.0.1' : '0.0.0.0',
    // Otherwise it looks for a default route.
    'advertise-address': address ?? '10.0.0.1',
    // As kubeadm does.
    'allow-privileged': 'true',
    // Nobody resolves the nodes' names.
    'kubelet-preferred-address-types': 'InternalIP',
    'service-cluster-ip-range': '10.101.0.0/16',
    'authorization-mode': 'RBAC',
    'service-account-key-file': ACCOUNT_KEY,
    'service-account-signing-key-file': ACCOUNT_KEY,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'cert-dir': certsOf(port),
    'token-auth-file': `${FOLDER}/tokens.csv`,
    'client-ca-file': CLIENT_CA,
    ...(serviceAccounts ? {} : { 'disable-admission-plugins': 'ServiceAccount' }),
    ...(audit ? { 'audit-policy-file': `${FOLDER}/audit.json`, 'audit-log-path': AUDIT_LOG } : {}),
  };
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const [program = '', ...enter] = host.enter();
  const server = tools().kubeApiserver ?? '';
  return spawn(program, [...enter, 'setpriv', '--pdeathsig', 'KILL', server, ...words], { stdio: 'ignore' });
}

async function untilReady(ask: Ask, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`kube-apiserver ended with status ${child.exitCode}`);
    const found = await ask('GET', '/readyz').catch(() => undefined);
    if (found?.status === 200) return;
    await sleep(200);
  }
  throw new Error('kube-apiserver does not become ready');
}

/** The original's minimal role for the plugin's user, unless there are accounts with roles of their own. */
async function grant(create: Kubernetes['create'], { serviceAccounts = false }: KubernetesOptions): Promise<void> {
  if (serviceAccounts) return;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const metadata = { name: PLUGIN_USER };
  const rules = [{ apiGroups: [''], resources: ['pods', 'nodes', 'namespaces'], verbs: ['get'] }];
  await create(`${rbac}/clusterroles`, { metadata, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  const subjects = [{ kind: 'User', name: metadata.name, apiGroup: 'rbac.authorization.k8s.io' }];
  await create(`${rbac}/clusterrolebindings`, { metadata, roleRef, subjects });
}
