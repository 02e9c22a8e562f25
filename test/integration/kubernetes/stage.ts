import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CniError, toCniError } from '../../../shared/cni/cni-error.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { Failure } from '../../../shared/error/failure.ts';
import { openKubernetes } from '../../../shared/kubernetes/client.ts';
import { silent } from '../../../shared/log/log.ts';
import { processWorld } from '../../../shared/system/process-world.ts';
import { type Answer, type KubernetesServer, type Style, startServer } from '../../support/kubernetes/fake-server.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';

/** Certificates of the servers and clients. */
export const KEYS = makeKeys();
/** Holds the kubeconfigs. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'calico-kubeconfig-'));
/** Closed after each test. */
export const opened: { close(): void }[] = [];

/** Starts a server that is stopped after the test. */
export async function server(
  style: Style['style'],
  answer: Answer,
  wantsCertificate = false,
): Promise<KubernetesServer> {
  const started = await startServer(KEYS, { style, wantsCertificate }, answer);
  opened.push(started);
  return started;
}

/** A kubeconfig in JSON, which needs no library. */
export function kubeconfig(cluster: object, user: object): string {
  const file = join(FOLDER, `config-${opened.length}-${Math.random()}`);
  const named = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(file, JSON.stringify({ ...named, 'current-context': 'x' }));
  return file;
}

/** A client with this network configuration, closed after the test. */
export function client(conf: object, limit = 20_000) {
  const world = { ...processWorld(), env: { PATH: process.env['PATH'] } };
  const netConf = readNetConf(JSON.stringify({ name: 'n', ...conf }));
  const kubernetes = openKubernetes({ conf: netConf, world, log: silent, deadline: world.elapsed() + limit });
  opened.push(kubernetes);
  return kubernetes;
}

/** A client for this cluster and user of a kubeconfig. */
export const withKubeconfig = (cluster: object, user: object) =>
  client({ kubernetes: { kubeconfig: kubeconfig(cluster, user) } });

/** The CniError of work that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<CniError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return toCniError(thrown);
  throw new Error(`expected a CniError, got ${thrown}`);
}

/** The pod that servers answer with. */
export const POD = {
  kind: 'Pod',
  metadata: { name: 'web-0', labels: { app: 'web' } },
  spec: { serviceAccountName: 'sa' },
};

/** Closes the servers and clients of a test. */
export function closeAll(): void {
  for (const each of opened.splice(0)) each.close();
}

/** The body of a refusal. */
export const status = (code: number, message: string) => ({ kind: 'Status', code, message });

/** Answers every request: a pod where one is asked for, else an object whose label is the path. */
export const answering: Answer = ({ path }, respond) =>
  respond(200, path.includes('/pods/') ? POD : { metadata: { labels: { path } } });
