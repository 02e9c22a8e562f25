import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { CallChanges } from '../calls/containers.ts';
import { startEtcd } from '../etcd/etcd.ts';
import type { Host } from '../host/host.ts';
import { ADMIN_TOKEN, PORT, startKubernetes } from '../kubernetes/api-server.ts';
import { createNamespace, createPod, podArgs, writeKubeconfig } from '../kubernetes/pods.ts';
import { defineKinds } from '../kubernetes-datastore/custom-resources.ts';
import { grantRights } from '../kubernetes-datastore/plugin-rights.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import { DATASTORE_ADDRESS } from './wires.ts';

export type StoreName = 'etcd' | 'kubernetes';

/** The datastore that all machines reach, at the router. */
export interface MachineStore {
  readonly name: StoreName;
  /** Writes on a machine what its programs need to reach it, and returns their environment. */
  furnish(host: Host): Readonly<Record<string, string>>;
  /** The network configuration of a machine's plugin. */
  conf(machine: string): Conf;
  /** Makes a pod's objects, and says what a call for it changes. */
  forPod(machine: string): Promise<CallChanges>;
  /** What exists of a machine before Calico comes. */
  addNode(machine: string): Promise<void>;
  /** Ends the server, so that connections are refused, or freezes it, so that they are not answered. */
  leave(how: 'refused' | 'frozen'): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one on the router. */
export const startStore = (name: StoreName, router: Host): Promise<MachineStore> =>
  name === 'etcd' ? etcdStore(router) : kubernetesStore(router);

async function etcdStore(router: Host): Promise<MachineStore> {
  const start = () => startEtcd(router, 2379, DATASTORE_ADDRESS);
  let etcd = await start();
  const env = { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: etcd.endpoint };
  return {
    name: 'etcd',
    furnish: () => env,
    conf: (nodename) => conf({ cniVersion: '1.0.0', nodename, etcd_endpoints: etcd.endpoint }),
    forPod: async () => ({}),
    addNode: async () => {},
    leave: async (how) => (how === 'frozen' ? etcd.pause() : await etcd.stop()),
    comeBack: async () => {
      if (etcd.isRunning()) etcd.resume();
      else etcd = await start();
    },
    close: () => etcd.stop(),
  };
}

const KUBECONFIG = '/etc/calico/kubeconfig';
const CA = '/etc/calico/ca.crt';

async function kubernetesStore(router: Host): Promise<MachineStore> {
  const kubernetes = await startKubernetes(router, { address: DATASTORE_ADDRESS });
  await defineKinds(kubernetes.ask, 'crd.projectcalico.org');
  await grantRights(kubernetes.ask);
  await createNamespace(kubernetes, 'prod');
  const authority = readFileSync(router.file(kubernetes.ca), 'utf8');
  let pods = 0;
  let isFrozen = false;
  return {
    name: 'kubernetes',
    furnish: (host) => {
      mkdirSync(host.file('/etc/calico'), { recursive: true });
      writeFileSync(host.file(CA), authority);
      writeKubeconfig({ host }, { url: `https://${DATASTORE_ADDRESS}:${PORT}`, ca: CA }, ADMIN_TOKEN, KUBECONFIG);
      return { DATASTORE_TYPE: 'kubernetes', KUBECONFIG };
    },
    conf: (nodename) => ({
      cniVersion: '1.0.0',
      name: 'k8s-pod-network',
      type: 'calico',
      datastore_type: 'kubernetes',
      nodename,
      log_level: 'error',
      policy: { type: 'k8s' },
      kubernetes: { kubeconfig: KUBECONFIG },
      ipam: { type: 'calico-ipam' },
    }),
    forPod: async (nodeName) => {
      const name = { namespace: 'prod', pod: `web-${++pods}` };
      await createPod(kubernetes, name, {}, { nodeName });
      return { args: podArgs(name) };
    },
    addNode: (name) => kubernetes.create('/api/v1/nodes', { metadata: { name } }),
    leave: async (how) => {
      isFrozen = how === 'frozen';
      if (isFrozen) kubernetes.pause();
      else await kubernetes.kill();
    },
    comeBack: async () => {
      if (isFrozen) kubernetes.resume();
      else await kubernetes.restart();
    },
    close: () => kubernetes.stop(),
  };
}
