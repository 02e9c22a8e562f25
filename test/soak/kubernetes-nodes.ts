import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Host } from '../support/host/host.ts';
import { type Kubernetes, PORT, startKubernetes } from '../support/kubernetes/api-server.ts';
import { createNamespace, createPod, writeKubeconfig } from '../support/kubernetes/pods.ts';
import { KUBECONFIG, kddConf } from '../support/kubernetes-datastore/bed.ts';
import { defineKinds, resourcePath } from '../support/kubernetes-datastore/custom-resources.ts';
import { dumpOf } from '../support/kubernetes-datastore/dump.ts';
import { objectsOf } from '../support/kubernetes-datastore/objects.ts';
import { grantRights } from '../support/kubernetes-datastore/plugin-rights.ts';
import { defineKubeVirt, kubeVirtOn } from '../support/kubernetes-datastore/virtual-machines.ts';
import type { Conf } from '../support/stored/cluster.ts';
import { ADDRESSES, type Nodes, nameOf, openEpoch, openNetwork, PODS_NAMESPACE, podNamed, type Way } from './nodes.ts';
import { POOL } from './pool.ts';

const GROUP = 'crd.projectcalico.org';
const [FIRST, SECOND] = ADDRESSES.map((address) => `https://${address}:${PORT}`);
const NOWHERE = '/nowhere/kubeconfig';

const conf = (changes: Conf): Conf => kddConf({ name: 'net1', ...changes });
const by = (kubernetes: Conf | undefined, env: Way['env'] = {}): Way => ({ conf: { kubernetes }, env });

const WAYS: Nodes['ways'] = [
  by({ kubeconfig: KUBECONFIG }),
  by(undefined, { KUBECONFIG }),
  by({ kubeconfig: NOWHERE }, { CALICO_KUBECONFIG: KUBECONFIG }),
  by({ kubeconfig: KUBECONFIG, k8s_api_root: `${FIRST}/` }),
  // An address that its certificate does not name.
  by({ kubeconfig: KUBECONFIG, k8s_api_root: SECOND }, { K8S_INSECURE_SKIP_TLS_VERIFY: 'true' }),
];

/** Machines that share an API server. Every second restart is that of its etcd. */
export async function openKubernetesNodes(count: number): Promise<Nodes> {
  const { hub, hosts } = await openNetwork(count);
  const kubernetes = await startKubernetes(hub, { address: ADDRESSES[0] });
  await fill(kubernetes, count);
  for (const host of hosts) giveKubeconfig(kubernetes, hub, host);
  const epoch = openEpoch();
  let restarts = 0;
  return {
    datastore: 'kubernetes',
    hosts,
    ways: WAYS,
    longestMs: 250,
    conf,
    name: async (at, containerID) => {
      const pod = `web-${containerID.slice(0, 8)}`;
      await createPod(kubernetes, { namespace: PODS_NAMESPACE, pod }, {}, { nodeName: nameOf(at) });
      return podNamed(at, pod);
    },
    kubeVirt: kubeVirtOn(kubernetes),
    dump: () => dumpOf(kubernetes.ask, GROUP),
    epoch: epoch.now,
    restart: (pause) =>
      epoch.during(() => (restarts++ % 2 === 0 ? restart(kubernetes, pause) : kubernetes.restartEtcd(pause))),
    close: async () => {
      await kubernetes.stop();
      for (const host of [...hosts, hub]) await host.stop();
    },
  };
}

/** A ready cluster with a pool, the nodes, and a pod of another network on each. */
async function fill(kubernetes: Kubernetes, count: number): Promise<void> {
  const { ask, create } = kubernetes;
  await defineKinds(ask, GROUP);
  await defineKubeVirt(ask);
  await grantRights(ask);
  await createNamespace(kubernetes, PODS_NAMESPACE);
  const { clusterInformation, pool } = objectsOf(GROUP);
  for (const { plural, body } of [clusterInformation(), pool(POOL.name, POOL.cidr, POOL.spec)]) {
    await create(resourcePath(GROUP, plural), body);
  }
  for (let at = 0; at < count; at++) {
    await create('/api/v1/nodes', { metadata: { name: nameOf(at) } });
    const name = { namespace: PODS_NAMESPACE, pod: `foreign-${nameOf(at)}` };
    await createPod(kubernetes, name, {}, { nodeName: nameOf(at) });
  }
}

function giveKubeconfig({ ca }: Kubernetes, hub: Host, host: Host): void {
  mkdirSync(dirname(host.file(ca)), { recursive: true });
  copyFileSync(hub.file(ca), host.file(ca));
  writeKubeconfig({ host }, { url: `${FIRST}`, ca });
}

async function restart(kubernetes: Kubernetes, pause: () => Promise<unknown>): Promise<void> {
  await kubernetes.kill();
  await pause();
  await kubernetes.restart();
}
