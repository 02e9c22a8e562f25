import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import type { PodName } from '../kubernetes/pods.ts';
import type { Conf } from '../stored/cluster.ts';
import { type Containerd, ROOTFS, startContainerd } from './containerd.ts';
import { openCri } from './cri.ts';

/** One pod's sandbox as its runtime has it. */
export interface Sandbox {
  readonly id: string;
  readonly address: string;
}

/** containerd as kubelet sees it. */
export interface Sandboxes {
  /** The path of the runtime's socket on the machine. */
  readonly socket: string;
  /** The IDs of all running sandboxes of a pod, including those that others started. */
  running(pod: PodName): Promise<readonly string[]>;
  /** Stops one without kubelet. */
  halt(id: string): Promise<void>;
  /** `attempt` counts a pod's sandboxes, from 0. */
  run(pod: PodName, annotations?: Readonly<Record<string, string>>, attempt?: number): Promise<Sandbox>;
  /** Stops and removes. */
  remove(sandbox: Sandbox): Promise<void>;
  stop(): Promise<void>;
}

const IMAGE = 'localhost/pause:1';
const FOLDER = '/run/calico-test/pause';

/** Its service for Kubernetes; what does not work inside namespaces is off. */
export const CRI_CONFIG = `
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  disable_cgroup = true
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
`;

/** Starts containerd with its service for Kubernetes on, and a pause image made of busybox. */
export async function startSandboxes(host: Host, plugins: readonly Conf[]): Promise<Sandboxes> {
  const containerd = await startContainerd(host, plugins, CRI_CONFIG);
  const cri = openCri(host.file(containerd.socket));
  const stop = async () => {
    await removeAll(cri.call);
    cri.close();
    await containerd.stop();
  };
  const archive = await makeImage(host);
  const imported = await containerd.ctr('-n', 'k8s.io', 'images', 'import', archive);
  if (imported.exit !== 0) throw new Error(`the pause image cannot be imported: ${imported.stderr}`);
  await untilNetworkReady(cri.call);
  return {
    socket: containerd.socket,
    running: async ({ namespace, pod }) => {
      const items = (await list(cri.call)).filter(({ state }) => state === READY);
      return items
        .filter(({ metadata: { name, namespace: of } }) => name === pod && of === namespace)
        .map(({ id }) => id);
    },
    halt: async (id) => void (await cri.call('StopPodSandbox', { pod_sandbox_id: id })),
    run: async (pod, annotations = {}, attempt = 0) => {
      const metadata = { name: pod.pod, uid: `${pod.namespace}-${pod.pod}`, namespace: pod.namespace, attempt };
      const config = { metadata, hostname: pod.pod, annotations, linux: { cgroup_parent: '/' } };
      const { pod_sandbox_id: id } = (await cri.call('RunPodSandbox', { config })) as {
        readonly pod_sandbox_id: string;
      };
      const { status } = (await cri.call('PodSandboxStatus', { pod_sandbox_id: id })) as {
        readonly status: { readonly network: { readonly ip: string } };
      };
      return { id, address: status.network.ip };
    },
    remove: ({ id }) => remove(cri.call, id),
    stop,
  };
}

type Call = ReturnType<typeof openCri>['call'];

async function remove(call: Call, id: string): Promise<void> {
  await call('StopPodSandbox', { pod_sandbox_id: id });
  await call('RemovePodSandbox', { pod_sandbox_id: id });
}

const removeAll = async (call: Call): Promise<void> =>
  void (await Promise.all((await list(call)).map(({ id }) => remove(call, id))));

/** Ends what kubelet has started and left running: it would outlive the runtime. No network is taken down. */
export async function killSandboxes(containerd: Pick<Containerd, 'ctr'>): Promise<void> {
  const { stdout } = await containerd.ctr('-n', 'k8s.io', 'task', 'ls', '-q');
  for (const name of stdout.split('\n').filter(Boolean)) {
    await containerd.ctr('-n', 'k8s.io', 'task', 'delete', '--force', name);
  }
}

interface Listed {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly state: number;
}

/** The state of a sandbox that runs. */
const READY = 0;

async function list(call: Call): Promise<readonly Listed[]> {
  const { items } = (await call('ListPodSandbox', {})) as { readonly items: readonly Listed[] };
  return items;
}

async function untilNetworkReady(call: Call): Promise<void> {
  let said = '';
  for (let tries = 0; tries < 200; tries++) {
    said = JSON.stringify(await call('Status', {}).catch((error: Error) => error.message));
    if (/"type":"NetworkReady","status":true/.test(said)) return;
    await sleep(50);
  }
  throw new Error(`containerd's network does not become ready: ${said}`);
}

/** Creates an archive in the OCI layout with one layer, the root file system of containerd's tests. Returns its path on the machine. */
export async function makeImage(host: Host, name = IMAGE): Promise<string> {
  const blobs = host.file(`${FOLDER}/blobs/sha256`);
  mkdirSync(blobs, { recursive: true });
  await host.must('tar', ['-C', ROOTFS, '-cf', `${FOLDER}/layer`, '.']);
  const put = (mediaType: string, bytes: Buffer) => {
    const sum = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(`${blobs}/${sum}`, bytes);
    return { mediaType, digest: `sha256:${sum}`, size: statSync(`${blobs}/${sum}`).size };
  };
  const json = (kind: string, value: object) =>
    put(`application/vnd.oci.image.${kind}.v1+json`, Buffer.from(JSON.stringify(value)));
  const layer = put('application/vnd.oci.image.layer.v1.tar', readFileSync(host.file(`${FOLDER}/layer`)));
  rmSync(host.file(`${FOLDER}/layer`));
  const config = json('config', {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/bin/sleep', '1000000'] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifest = json('manifest', { schemaVersion: 2, config, layers: [layer] });
  const named = { ...manifest, annotations: { 'io.containerd.image.name': name } };
  writeFileSync(host.file(`${FOLDER}/index.json`), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(host.file(`${FOLDER}/oci-layout`), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await host.must('tar', ['-C', FOLDER, '-cf', `${FOLDER}.tar`, '.']);
  return `${FOLDER}.tar`;
}
