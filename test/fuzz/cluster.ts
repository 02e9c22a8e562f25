import type { Dump } from '../support/invariants/ipam-dump.ts';
import { clusterInformation } from '../support/stored/cluster.ts';
import { CONFIG, node, pool, reservation } from '../support/stored/ipam-world.ts';
import { servedCall } from './judge.ts';

/** A configuration that uses every key. */
export const CONF = {
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'calico',
  etcd_endpoints: 'http://127.0.0.1:2379',
  datastore_type: 'etcdv3',
  nodename: 'n1',
  nodename_file_optional: true,
  log_level: 'error',
  mtu: 1400,
  num_queues: 2,
  ipam: {
    type: 'calico-ipam',
    assign_ipv4: 'true',
    assign_ipv6: 'true',
    ipv4_pools: ['10.0.0.0/28'],
    ipv6_pools: ['six'],
  },
  policy: { type: '' },
  kubernetes: { kubeconfig: '', k8s_api_root: '' },
  container_settings: { allow_ip_forwarding: true },
  feature_control: { ip_addrs_no_ipam: false, floating_ips: false },
  args: { cni: { ips: [] }, 'org.apache.mesos': { network_info: { labels: { labels: [{ key: 'a', value: 'b' }] } } } },
  runtimeConfig: {
    bandwidth: { ingressRate: 8000, ingressBurst: 8000, egressRate: 8000, egressBurst: 8000 },
    mac: '02:00:00:00:00:07',
    ips: null,
  },
  'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth0' }],
  prevResult: {
    cniVersion: '1.1.0',
    interfaces: [{ name: 'calic1' }, { name: 'eth0', mac: '02:00:00:00:00:07', mtu: 1400, sandbox: '/run/netns/a' }],
    ips: [{ interface: 1, address: '10.0.0.0/32', gateway: '169.254.1.1' }],
    routes: [{ dst: '0.0.0.0/0', gw: '169.254.1.1', mtu: 1, table: 2, scope: 0 }],
    dns: { nameservers: ['10.0.0.1'], domain: 'x', search: ['y'], options: ['z'] },
  },
};

export const COMMANDS = ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC'] as const;

export const environment = (command: string, containerID: string): Record<string, string> => ({
  CNI_COMMAND: command,
  CNI_CONTAINERID: containerID,
  CNI_NETNS: '/run/netns/a',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
});

const EMPTY: Dump = {
  ...clusterInformation(),
  ...node('n1', { zone: 'a' }),
  ...node('n2'),
  ...pool('four', { cidr: '10.0.0.0/28', blockSize: 30, nodeSelector: "zone == 'a' || has(x)" }),
  ...pool('six', { cidr: 'fd00::/124', blockSize: 126 }),
  ...reservation('r', '10.0.0.5', '10.0.0.8/30'),
  [CONFIG]: '{"strict_affinity":false,"auto_allocate_blocks":true,"maxBlocksPerHost":8}',
};

let filled: Promise<Dump> | undefined;

/** A store with two pools and three dual-stack containers, as written by this plugin. */
export function cluster(): Promise<Dump> {
  filled ??= fill();
  return filled;
}

async function fill(): Promise<Dump> {
  let content = EMPTY;
  for (const id of ['c1', 'c2', 'c3']) {
    const { status, stdout, after } = await servedCall(environment('ADD', id), JSON.stringify(CONF), content);
    if (status !== 0) throw new Error(stdout);
    content = after;
  }
  return content;
}
