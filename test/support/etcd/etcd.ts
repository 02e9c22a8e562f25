import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';

/** Keys and exact values, in etcd's key order. */
export type Dump = Readonly<Record<string, string>>;

/** A private etcd on a test machine. The test uses its JSON gateway on a unix socket. */
export interface Etcd {
  readonly endpoint: string;
  readonly pid: number;
  isRunning(): boolean;
  dump(prefix?: string): Promise<Dump>;
  put(keys: Dump): Promise<void>;
  del(...keys: readonly string[]): Promise<void>;
  wipe(): Promise<void>;
  /** Grows with every write of any client. */
  revision(): Promise<number>;
  /** gRPC calls handled so far by method, e.g. { Range: 3, Txn: 1 }, including the test's own calls. */
  calls(): Promise<Readonly<Record<string, number>>>;
  /** A call of etcd's JSON gateway, e.g. 'auth/enable'. */
  post(path: string, body: object, token?: string): Promise<Record<string, unknown>>;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

const FOLDER = '/run/calico-test';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const text = (encoded: unknown) => Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64').toString();

/**
 * Starts etcd at an address of the machine, 127.0.0.1 when absent, with its data in memory, where a later one finds it. It ends
 * with the test process.
 */
export function startEtcd(host: Host, port = 2379, address = '127.0.0.1'): Promise<Etcd> {
  const endpoint = `http://${address}:${port}`;
  return launch(host, host.enter(), `${FOLDER}/etcd-${port}`, {
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': 'unix://peer:1',
    'initial-advertise-peer-urls': 'http://127.0.0.1:2380',
    'initial-cluster': 'default=http://127.0.0.1:2380',
    'heartbeat-interval': '10',
    'election-timeout': '50',
  });
}

/** Starts etcd with these flags in `folder` of the machine, through the words `enter`, and waits until it is healthy. */
export async function launch(
  host: Host,
  [program = '', ...enter]: readonly string[],
  folder: string,
  flags: Readonly<Record<string, string>>,
): Promise<Etcd> {
  const socketPath = host.file(`${folder}/client:1`);
  // etcd accepts a unix socket only as a name in its working folder, of the form host:port. A killed etcd leaves it behind.
  const script = `mkdir -p ${folder}; cd ${folder}; rm -f client:1 peer:1; exec setpriv --pdeathsig KILL "$@"`;
  const all = {
    ...flags,
    'data-dir': `${folder}/data`,
    'listen-client-urls': `${flags['listen-client-urls']},unix://client:1`,
  };
  const words = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(program, [...enter, 'sh', '-ec', script, 'sh', tools().etcd, ...words], { stdio: 'ignore' });
  const call = (path: string, body?: object, token?: string) => http(socketPath, path, body, token);
  await untilHealthy(() => call('/health'));
  const post = async (path: string, body: object, token?: string) => JSON.parse(await call(`/v3/${path}`, body, token));
  return {
    endpoint: flags['advertise-client-urls'] ?? '',
    pid: child.pid ?? 0,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    post,
    ...store((path, body) => throughElection(() => post(path, body))),
    calls: async () => countCalls(await call('/metrics')),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

type Store = Pick<Etcd, 'dump' | 'put' | 'del' | 'wipe' | 'revision'>;

function store(post: (path: string, body: object) => Promise<Record<string, unknown>>): Store {
  const range = (from: string) => ({ key: base64(from), range_end: base64(`${from.slice(0, -1)}${next(from)}`) });
  return {
    dump: async (prefix = '/') => {
      const answer = await post('kv/range', range(prefix));
      const entries = (answer['kvs'] ?? []) as { key: string; value?: string }[];
      return Object.fromEntries(entries.map((entry) => [text(entry.key), text(entry.value)]));
    },
    put: async (keys) => {
      for (const [key, value] of Object.entries(keys)) await post('kv/put', { key: base64(key), value: base64(value) });
    },
    del: async (...keys) => {
      for (const key of keys) await post('kv/deleterange', { key: base64(key) });
    },
    wipe: async () => void (await post('kv/deleterange', range('/'))),
    revision: async () => {
      const answer = await post('kv/range', { key: base64('none') });
      return Number((answer['header'] as { revision: string }).revision);
    },
  };
}

/** Asks again for up to a minute while the members elect a leader: a slow machine makes them do that at any time. */
async function throughElection<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; ) {
    try {
      return await ask();
    } catch (thrown) {
      if (!/: 503 |no answer/.test(String(thrown)) || Date.now() > end) throw thrown;
    }
    await sleep(200);
  }
}

const next = (prefix: string) => String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

function countCalls(metrics: string): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const [, method = '', count] of metrics.matchAll(
    /^grpc_server_handled_total\{.*grpc_method="(\w+)".*\} (\d+)/gm,
  )) {
    if (Number(count) > 0) calls[method] = (calls[method] ?? 0) + Number(count);
  }
  return calls;
}

async function untilHealthy(health: () => Promise<string>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      if ((await health()).includes('true')) return;
    } catch (thrown) {
      if (tries > 500) throw thrown;
    }
    await sleep(20);
  }
}

function http(socketPath: string, path: string, body?: object, token?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = token === undefined ? {} : { authorization: token };
    const sent = request({ socketPath, path, method, headers, timeout: 10_000 }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const said = Buffer.concat(parts).toString();
        if (answer.statusCode === 200) resolve(said);
        else reject(new Error(`etcd ${path}: ${answer.statusCode} ${said}`));
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`etcd ${path}: no answer in 10 s`)));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
