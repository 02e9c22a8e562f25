import { mkdirSync, writeFileSync } from 'node:fs';
import { startEtcd } from '../etcd/etcd.ts';
import type { Host } from '../host/host.ts';
import { conf } from '../stored/cluster.ts';
import { kubernetesStore } from './kubernetes-store.ts';
import type { MachineStore, StoreName } from './machine-store.ts';
import { DATASTORE_ADDRESS } from './wires.ts';

export type { StoreName } from './machine-store.ts';

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
    removeNode: async () => {},
    addPassword: async (hosts, name, key, text) => {
      for (const host of hosts) {
        const folder = host.file(`/etc/calico/bgp-passwords/${name}`);
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${folder}/${key}`, `${text}\n`);
      }
    },
    leave: async (how) => (how === 'frozen' ? etcd.pause() : await etcd.stop()),
    comeBack: async () => {
      if (etcd.isRunning()) etcd.resume();
      else etcd = await start();
    },
    close: () => etcd.stop(),
  };
}
