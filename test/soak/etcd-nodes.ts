import { startEtcd } from '../support/etcd/etcd.ts';
import type { Host } from '../support/host/host.ts';
import { clusterInformation, conf, node, pool } from '../support/stored/cluster.ts';
import { ADDRESSES, type Nodes, nameOf, openEpoch, openNetwork, type Way } from './nodes.ts';
import { POOL } from './pool.ts';

const PORT = 2379;
const [FIRST, SECOND] = ADDRESSES.map((address) => `http://${address}:${PORT}`);
/** No server listens here. */
const NOWHERE = 'http://127.0.0.1:9';

/** One spelling of etcd's endpoints in each of the places where it may be configured. */
const spelt = (text: string): readonly [Way, Way, Way] => [
  { conf: { etcd_endpoints: text }, env: {} },
  { conf: { etcd_endpoints: undefined }, env: { ETCD_ENDPOINTS: text } },
  { conf: { etcd_endpoints: NOWHERE }, env: { CALICO_ETCD_ENDPOINTS: text } },
];

/** Any two spellings have an address in common. */
const WAYS: Nodes['ways'] = [
  ...spelt(`${FIRST}`),
  ...[`${FIRST}/`, `${SECOND},${FIRST}`, `${FIRST}, ${SECOND}`].flatMap(spelt),
];

/** Machines that share an etcd. */
export async function openEtcdNodes(count: number): Promise<Nodes> {
  const { hub, hosts } = await openNetwork(count);
  const start = () => startEtcd(listeningEverywhere(hub), PORT);
  let etcd = await start();
  await etcd.put({ ...clusterInformation(), ...pool(POOL.name, POOL.cidr, POOL.spec) });
  for (const at of hosts.keys()) await etcd.put(node(nameOf(at), `10.0.0.${at + 1}/24`));
  const epoch = openEpoch();
  return {
    datastore: 'etcd',
    hosts,
    ways: WAYS,
    longestMs: 120,
    conf,
    name: async (at, containerID) => ({ args: '', endpoint: `${ENDPOINTS}${nameOf(at)}-cni-${containerID}-eth0` }),
    dump: () => etcd.dump(),
    epoch: epoch.now,
    restart: (pause) =>
      epoch.during(async () => {
        await etcd.stop();
        await pause();
        etcd = await start();
      }),
    close: async () => {
      await etcd.stop();
      for (const host of [...hosts, hub]) await host.stop();
    },
  };
}

const ENDPOINTS = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/';

/** etcd uses the last of repeated flags. */
function listeningEverywhere(hub: Host): Host {
  const urls = `http://0.0.0.0:${PORT},unix://client:1`;
  return { ...hub, enter: () => [...hub.enter(), 'sh', '-c', `exec "$@" --listen-client-urls=${urls}`, 'sh'] };
}
