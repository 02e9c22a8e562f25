import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../build/tools.ts';
import { startEtcd } from './etcd.ts';
import type { Host } from './host.ts';

/** An answer of the API, its body parsed. */
interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A real API server on a test machine, with an etcd of its own. */
export interface Kubernetes {
  readonly url: string;
  /** The file with its certificate, which is its own authority. */
  readonly ca: string;
  /** Asks as an administrator. */
  ask(method: string, path: string, body?: object): Promise<ApiAnswer>;
  /** Creates an object at the path of its kind; throws when it is refused. */
  create(path: string, body: object): Promise<void>;
  /** Freezes it: connections are accepted by the kernel, and nobody answers. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** What the plugin's own user may do: exactly what the original's role lets it. */
export const PLUGIN_TOKEN = 'plugin-token';
const ADMIN_TOKEN = 'admin-token';
const FOLDER = '/run/calico-test/kubernetes';
const PORT = 6443;

/** Starts the API server at 127.0.0.1 of the machine; it dies with the test process. */
export async function startKubernetes(host: Host): Promise<Kubernetes> {
  const etcd = await startEtcd(host, 2479);
  mkdirSync(host.file(FOLDER), { recursive: true });
  const tokens = [`${ADMIN_TOKEN},admin,1,"system:masters"`, `${PLUGIN_TOKEN},calico-cni-plugin,2`];
  writeFileSync(host.file(`${FOLDER}/tokens.csv`), `${tokens.join('\n')}\n`);
  await host.must('openssl', ['genrsa', '-out', `${FOLDER}/sa.key`, '2048']);
  const child = launch(host, etcd.endpoint);
  const ask = (method: string, path: string, body?: object) => request(host, method, path, body);
  const stop = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await etcd.stop();
  };
  try {
    await untilReady(ask, child);
  } catch (error) {
    await stop();
    throw error;
  }
  const create = async (path: string, body: object) => {
    const { status, body: said } = await ask('POST', path, body);
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(said)}`);
  };
  await grant(create);
  return {
    url: `https://127.0.0.1:${PORT}`,
    ca: `${FOLDER}/certs/apiserver.crt`,
    ask,
    create,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  };
}

function launch(host: Host, etcd: string): ChildProcess {
  const flags = {
    'etcd-servers': etcd,
    'secure-port': String(PORT),
    'bind-address': '127.0.0.1',
    // Else it looks for a default route.
    'advertise-address': '10.0.0.1',
    'service-cluster-ip-range': '10.101.0.0/16',
    'authorization-mode': 'RBAC',
    'service-account-key-file': `${FOLDER}/sa.key`,
    'service-account-signing-key-file': `${FOLDER}/sa.key`,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'cert-dir': `${FOLDER}/certs`,
    'token-auth-file': `${FOLDER}/tokens.csv`,
    'disable-admission-plugins': 'ServiceAccount',
  };
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const [program = '', ...enter] = host.enter();
  const server = tools().kubeApiserver ?? '';
  return spawn(program, [...enter, 'setpriv', '--pdeathsig', 'KILL', server, ...words], { stdio: 'ignore' });
}

async function untilReady(ask: Kubernetes['ask'], child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`kube-apiserver ended with status ${child.exitCode}`);
    const found = await ask('GET', '/readyz').catch(() => undefined);
    if (found?.status === 200) return;
    await sleep(200);
  }
  throw new Error('kube-apiserver does not become ready');
}

/** The original's minimal role for the plugin's user. */
async function grant(create: Kubernetes['create']): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const metadata = { name: 'calico-cni-plugin' };
  const rules = [{ apiGroups: [''], resources: ['pods', 'nodes', 'namespaces'], verbs: ['get'] }];
  await create(`${rbac}/clusterroles`, { metadata, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  const subjects = [{ kind: 'User', name: metadata.name, apiGroup: 'rbac.authorization.k8s.io' }];
  await create(`${rbac}/clusterrolebindings`, { metadata, roleRef, subjects });
}

/** Runs on the machine, whose loopback nobody else reaches. */
const ASK = `
const { method, url, token, body } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' };
fetch(url, { method, headers, body: body && JSON.stringify(body) })
  .then(async (answer) => console.log(JSON.stringify({ status: answer.status, text: await answer.text() })))
  .catch(() => process.exit(1));`;

async function request(host: Host, method: string, path: string, body: object | undefined): Promise<ApiAnswer> {
  const input = JSON.stringify({ method, url: `https://127.0.0.1:${PORT}${path}`, token: ADMIN_TOKEN, body });
  const words = ['NODE_TLS_REJECT_UNAUTHORIZED=0', process.execPath, '-e', ASK];
  const ran = await host.run('env', words, { input });
  if (ran.exit !== 0) throw new Error(`${method} ${path}: ${ran.stderr}`);
  const { status, text } = JSON.parse(ran.stdout) as { readonly status: number; readonly text: string };
  return { status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
}
