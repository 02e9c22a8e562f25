import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ociImage } from '../../../build/oci-image.ts';
import { ROOT } from '../../../build/places.ts';
import { nativeTarget } from '../../../build/targets.ts';
import { tools } from '../../../build/tools.ts';
import { startContainerd } from '../containerd/containerd.ts';
import { CRI_CONFIG, killSandboxes, makeImage } from '../containerd/sandboxes.ts';
import { type Host, startHost } from '../host/host.ts';
import { ADMIN_TOKEN, hasKubernetes, type Kubernetes, PORT, startKubernetes } from '../kubernetes/api-server.ts';
import { writeKubeconfig } from '../kubernetes/pods.ts';
import { hasKubelet, NODE1, type NodePlace, startKubelet } from '../kubernetes-datastore/kubelet.ts';
import { CLUSTER_FOLDER, startControlPlane, startProxy } from './control-plane.ts';

/** A cluster of one node as kubeadm leaves it: everything runs, and no pod can have a network yet. */
export interface Cluster {
  readonly host: Host;
  readonly kubernetes: Kubernetes;
  /** The folder in which its user works. */
  readonly folder: string;
  /** What that user's shell has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The image with busybox, for pods. */
export const POD_IMAGE = 'localhost/pause:1';
const ADDRESS = '10.0.0.1';
const NAMES = ['calico', 'calico-ipam', 'calicoctl', 'calico-install'];

/** Whether all its parts are available; the set-up has said why not. */
export const hasCluster = (): boolean =>
  hasKubernetes() && hasKubelet() && tools().containerd !== undefined && tools().clusterPrograms !== undefined;

/** Starts one. Our image, under its usual name, is calico-cni-image.tar in its folder. */
export async function startCluster(): Promise<Cluster> {
  const ends: (() => Promise<void>)[] = [];
  const stop = () => endAll(ends);
  try {
    const host = await startHost();
    ends.push(host.stop);
    const started = await startKubernetes(host, { address: ADDRESS, serviceAccounts: true });
    ends.push(started.stop);
    const kubernetes = { ...started, url: `https://${ADDRESS}:${PORT}` };
    const kubeconfig = writeKubeconfig({ host }, kubernetes, ADMIN_TOKEN, '/run/calico-test/admin.conf');
    mkdirSync(host.file(CLUSTER_FOLDER), { recursive: true });
    ends.push(startControlPlane(host, { kubeconfig, ca: kubernetes.ca }));
    const env = await startNode(host, { kubernetes, kubeconfig, node: NODE1, ends });
    return { host, kubernetes, folder: CLUSTER_FOLDER, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface NodeStart {
  readonly kubernetes: Pick<Kubernetes, 'url' | 'ca' | 'ask'>;
  readonly kubeconfig: string;
  readonly node: NodePlace;
  /** Receives what ends its programs. */
  readonly ends: (() => Promise<void>)[];
}

/** Its /etc can be written to, and stays as it is for everybody else. */
const OWN_ETC = `
mkdir -p /run/etc/upper /run/etc/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc`;

/** Starts the programs of a node. Returns the environment of a user's shell there. */
export async function startNode(
  host: Host,
  { kubernetes, kubeconfig, node, ends }: NodeStart,
): Promise<Readonly<Record<string, string>>> {
  await host.must('sh', ['-ec', OWN_ETC]);
  ends.push(startProxy(host, kubeconfig, node.name));
  const containerd = await startContainerd(host, undefined, CRI_CONFIG);
  ends.push(containerd.stop, () => killSandboxes(containerd));
  await containerd.ctr('-n', 'k8s.io', 'images', 'import', await makeImage(host));
  const kubelet = await startKubelet(host, kubernetes, containerd.socket, 'there', node);
  ends.push(kubelet.stop);
  writeFileSync(host.file(`${CLUSTER_FOLDER}/calico-cni-image.tar`), ourImage());
  return environment(kubeconfig, containerd.socket);
}

/** Newest first; one that fails does not keep the others. */
export async function endAll(ends: readonly (() => Promise<void>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const end of ends.toReversed()) await end().catch((error) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}

function ourImage(): Buffer {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const executable = readFileSync(join(tools().bin, 'calico'));
  return ociImage([{ target: nativeTarget(), executable }], NAMES, `localhost/calico-cni:${version}`);
}

function environment(kubeconfig: string, socket: string): Record<string, string> {
  const { bin, clusterPrograms, containerd } = tools();
  const folders = [bin, join(clusterPrograms?.kubectl ?? '', '..'), containerd?.path, '/usr/sbin:/usr/bin:/sbin:/bin'];
  return {
    PATH: folders.join(':'),
    KUBECONFIG: kubeconfig,
    DATASTORE_TYPE: 'kubernetes',
    CONTAINERD_ADDRESS: socket,
    CONTAINERD_NAMESPACE: 'k8s.io',
    LD_LIBRARY_PATH: containerd?.libraries ?? '',
    HOME: CLUSTER_FOLDER,
  };
}
