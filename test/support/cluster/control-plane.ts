import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { type ClusterProgram, tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';
import { ACCOUNT_KEY } from '../kubernetes/api-server.ts';

export const CLUSTER_FOLDER = '/run/calico-test/cluster';
/** The network of the pods, for the pool and for kube-proxy. */
export const POD_NETWORK = '10.244.0.0/16';

interface Access {
  /** The administrator's kubeconfig, and the API server's certificate. */
  readonly kubeconfig: string;
  readonly ca: string;
}

/** Starts the controllers and the scheduler. Returns what ends them. */
export function startControlPlane(host: Host, { kubeconfig, ca }: Access): () => Promise<void> {
  const alone = ['--leader-elect=false', `--kubeconfig=${kubeconfig}`, '--bind-address=127.0.0.1'];
  const accounts = [`--service-account-private-key-file=${ACCOUNT_KEY}`, `--root-ca-file=${ca}`];
  const running = [
    start(host, 'kube-controller-manager', [...alone, ...accounts]),
    start(host, 'kube-scheduler', alone),
  ];
  return async () => void (await Promise.all(running.map(ended)));
}

/** Starts kube-proxy of a node. Returns what ends it. */
export function startProxy(host: Host, kubeconfig: string, node: string): () => Promise<void> {
  const configuration = JSON.stringify(proxyConfiguration(kubeconfig, node));
  writeFileSync(host.file(`${CLUSTER_FOLDER}/proxy.json`), configuration);
  const running = start(host, 'kube-proxy', [`--config=${CLUSTER_FOLDER}/proxy.json`]);
  return () => ended(running);
}

/** Sysctls of the kernel that all machines share stay as they are. */
const proxyConfiguration = (kubeconfig: string, node: string) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  hostnameOverride: node,
  clusterCIDR: POD_NETWORK,
  clientConnection: { kubeconfig },
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  iptables: { localhostNodePorts: false },
});

function start(host: Host, name: ClusterProgram, words: readonly string[]): ChildProcess {
  const [program = '', ...enter] = host.enter();
  const path = tools().clusterPrograms?.[name] ?? '';
  const env = { PATH: `${tools().iptables}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const child = spawn(program, [...enter, 'setpriv', '--pdeathsig', 'KILL', path, ...words], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.pipe(createWriteStream(host.file(`${CLUSTER_FOLDER}/${name}.log`)));
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
