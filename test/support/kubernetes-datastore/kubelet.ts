import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';
import { ADMIN_TOKEN, type Kubernetes } from '../kubernetes/api-server.ts';
import { writeKubeconfig } from '../kubernetes/pods.ts';
import { until } from './custom-resources.ts';

const FOLDER = '/run/calico-test/kubelet';

/** Kernel settings that kubelet requires, as files that hide the real ones: other machines share the kernel. */
const KERNEL = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

const configuration = (runtime: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: `unix://${runtime}`,
  // The API server has no certificate for it, and passes on what is run in containers.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  // No cgroups: they would be the real machine's.
  failCgroupV1: false,
  cgroupDriver: 'cgroupfs',
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  localStorageCapacityIsolation: false,
  protectKernelDefaults: true,
  makeIPTablesUtilChains: false,
  evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
  podLogsDir: `${FOLDER}/logs`,
  volumePluginDir: `${FOLDER}/plugins`,
  resolvConf: '',
  syncFrequency: '2s',
  fileCheckFrequency: '0s',
});

/** A node and its address. */
export interface NodePlace {
  readonly name: string;
  readonly address: string;
}

export const NODE1: NodePlace = { name: 'node1', address: '10.0.0.1' };

/** A real kubelet that runs the pods of a node. */
export interface Kubelet {
  stop(): Promise<void>;
}

/** Whether a kubelet is available; the set-up has said why not. */
export const hasKubelet = (): boolean => tools().kubelet !== undefined;

/** Starts kubelet for the runtime behind a socket of the machine, and waits until its node is there, or also ready. */
export async function startKubelet(
  host: Host,
  kubernetes: Pick<Kubernetes, 'url' | 'ca' | 'ask'>,
  runtime: string,
  state: 'there' | 'ready' = 'ready',
  { name: node, address }: NodePlace = NODE1,
): Promise<Kubelet> {
  mkdirSync(host.file(`${FOLDER}/kernel`), { recursive: true });
  writeFileSync(host.file(`${FOLDER}/config.json`), JSON.stringify(configuration(runtime)));
  const kubeconfig = writeKubeconfig({ host }, kubernetes, ADMIN_TOKEN, `${FOLDER}/kubeconfig`);
  for (const [name, value] of Object.entries(KERNEL)) {
    const file = `${FOLDER}/kernel/${name.replaceAll('/', '-')}`;
    writeFileSync(host.file(file), `${value}\n`);
    await host.must('mount', ['--bind', file, `/proc/sys/${name}`]);
  }
  const flags = {
    config: `${FOLDER}/config.json`,
    kubeconfig,
    'hostname-override': node,
    'node-ip': address,
    'root-dir': `${FOLDER}/root`,
    'cert-dir': `${FOLDER}/certs`,
  };
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const [program = '', ...enter] = host.enter();
  const command = [...enter, 'setpriv', '--pdeathsig', 'KILL', tools().kubelet ?? '', ...words];
  const child = spawn(program, command, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.pipe(createWriteStream(host.file(`${FOLDER}/log`)));
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    // Its records of running pods are mounted below.
    await host.run('sh', ['-c', `grep -o '${FOLDER}/root[^ ]*' /proc/mounts | sort -r | xargs -r umount`]);
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`kubelet ended with status ${child.exitCode}`);
      return isIn(state, kubernetes, node);
    }, `${node} to be ${state}`);
  } catch (error) {
    await stop();
    const log = readFileSync(host.file(`${FOLDER}/log`), 'utf8')
      .split('\n')
      .slice(-20)
      .join('\n');
    throw new Error(`${error instanceof Error ? error.message : error}; kubelet's log ends with\n${log}`);
  }
  return { stop };
}

async function isIn(state: 'there' | 'ready', { ask }: Pick<Kubernetes, 'ask'>, node: string): Promise<boolean> {
  const { body, status } = await ask('GET', `/api/v1/nodes/${node}`);
  const { conditions = [] } = (body['status'] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  const isReady = conditions.some(({ type, status: word }) => type === 'Ready' && word === 'True');
  return status === 200 && (state === 'there' ? conditions.length > 0 : isReady);
}
