import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Host, startHost } from '../host/host.ts';
import { ADMIN_TOKEN } from '../kubernetes/api-server.ts';
import { writeKubeconfig } from '../kubernetes/pods.ts';
import { type Cluster, endAll, startNode } from './cluster.ts';
import { CLUSTER_FOLDER } from './control-plane.ts';

/** Another node of a cluster, in a network of its own with the first. */
export interface Worker {
  readonly host: Host;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const CABLE = { here: '10.0.1.1', there: '10.0.1.2' };

/** Adds node2 to a cluster: it reaches node1 by a cable, and everything else through it. */
export async function addWorker(cluster: Cluster): Promise<Worker> {
  const ends: (() => Promise<void>)[] = [];
  const stop = () => endAll(ends);
  try {
    const host = await startHost();
    ends.push(host.stop);
    await connect(cluster.host, host);
    const { kubernetes } = cluster;
    mkdirSync(host.file(CLUSTER_FOLDER), { recursive: true });
    mkdirSync(dirname(host.file(kubernetes.ca)), { recursive: true });
    writeFileSync(host.file(kubernetes.ca), readFileSync(cluster.host.file(kubernetes.ca)));
    const kubeconfig = writeKubeconfig({ host }, kubernetes, ADMIN_TOKEN, '/run/calico-test/admin.conf');
    const node = { name: 'node2', address: CABLE.there };
    const env = await startNode(host, { kubernetes, kubeconfig, node, ends });
    return { host, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connect(first: Host, second: Host): Promise<void> {
  // It has the address of the first one.
  await second.must('ip', ['link', 'del', 'uplink']);
  const here = `
ip link add to-node2 type veth peer name eth0 netns ${second.pid}
ip addr add ${CABLE.here}/24 dev to-node2
ip link set to-node2 up`;
  await first.must('sh', ['-ec', here]);
  const there = `
ip addr add ${CABLE.there}/24 dev eth0
ip link set eth0 up
ip route add default via ${CABLE.here}`;
  await second.must('sh', ['-ec', there]);
}
