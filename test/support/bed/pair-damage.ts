import { shaperName } from '../../../plugins/linux/shaper.ts';
import { addressesOf, type CniResult } from '../calls/call.ts';
import { caliLinks } from '../network/netns.ts';
import { type Conf, conf, DUAL, POOL6 } from '../stored/cluster.ts';
import type { Bed, CallChanges, Container } from './bed.ts';

export const LIMITS = { ingressRate: 10_000_000, ingressBurst: 80_000, egressRate: 10_000_000, egressBurst: 80_000 };
/** A configuration that limits the pod's traffic. */
export const LIMITED: Conf = { bandwidth_by: 'plugin', runtimeConfig: { bandwidth: LIMITS } };
const HOST = 'cali[0-9a-z]{11}';
const ADDRESS = '192\\.168\\.\\d+\\.\\d+';

/** Settings that the host end needs to pass traffic. */
const HOST_SETTINGS = [
  'net/ipv4/conf/HOST/route_localnet',
  'net/ipv4/conf/HOST/proxy_arp',
  'net/ipv4/conf/HOST/forwarding',
  'net/ipv6/conf/HOST/proxy_ndp',
  'net/ipv6/conf/HOST/forwarding',
];

/** A running container, and the result of its ADD. */
interface Up {
  readonly bed: Bed;
  readonly container: Container;
  readonly result: CniResult;
  readonly address: string;
  readonly hostLink: string;
}

/** What is damaged in a container's network, and what CHECK must report. */
interface Damage {
  readonly name: string;
  readonly conf?: Conf;
  readonly harm: (up: Up) => Promise<unknown>;
  readonly says: RegExp;
  /** The error of an ADD that does not repair it. */
  readonly refused?: string;
}

/** `ip` in the container's namespace. */
export const inside = ({ bed, container }: Up, ...words: readonly string[]) =>
  bed.host.must('ip', ['-n', container.netns, ...words]);
/** `ip` on the host. */
export const outside = ({ bed }: Up, ...words: readonly string[]) => bed.host.must('ip', words);
const tc = ({ bed }: Up, ...words: readonly string[]) => bed.host.must('tc', words);

/** Damage to interfaces, routes and limits. A repeated ADD repairs most of it. */
export const IN_KERNEL: readonly Damage[] = [
  {
    name: 'the interface is gone',
    harm: (up) => inside(up, 'link', 'del', 'eth0'),
    says: new RegExp(`^host interface ${HOST} does not exist$`),
  },
  {
    name: 'the interface goes by another name',
    harm: async (up) => {
      await inside(up, 'link', 'set', 'eth0', 'down');
      await inside(up, 'link', 'set', 'eth0', 'name', 'eth7');
    },
    says: /^interface eth0 does not exist in the container$/,
  },
  {
    name: 'the interface is another one of the same name',
    harm: async (up) => {
      await inside(up, 'link', 'set', 'eth0', 'down');
      await inside(up, 'link', 'set', 'eth0', 'name', 'eth7');
      await inside(up, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth8');
    },
    says: new RegExp(`^eth0 in the container is not the other end of ${HOST}$`),
    refused: 'file exists',
  },
  {
    name: 'the host veth is down',
    harm: (up) => outside(up, 'link', 'set', up.hostLink, 'down'),
    says: new RegExp(`^host interface ${HOST} is down$`),
  },
  {
    name: 'the interface is down',
    harm: (up) => inside(up, 'link', 'set', 'eth0', 'down'),
    says: /^interface eth0 in the container is down$/,
  },
  {
    name: 'the MAC is another',
    harm: (up) => inside(up, 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99'),
    says: /^interface eth0 has MAC 02:00:00:00:00:99, not [0-9a-f:]{17}$/,
  },
  {
    name: 'the MTU is another',
    conf: { mtu: 1400 },
    harm: (up) => inside(up, 'link', 'set', 'eth0', 'mtu', '1300'),
    says: /^interface eth0 has MTU 1300, not 1400$/,
  },
  {
    name: 'the address is gone',
    harm: (up) => inside(up, 'addr', 'del', `${up.address}/32`, 'dev', 'eth0'),
    says: new RegExp(`^interface eth0 lacks address ${ADDRESS}/32$`),
  },
  {
    name: 'the default route in the container is gone',
    harm: (up) => inside(up, 'route', 'del', 'default'),
    says: /^the container has no route to 0\.0\.0\.0\/0 over eth0$/,
  },
  {
    name: 'the default route in the container goes elsewhere',
    harm: async (up) => {
      await inside(up, 'route', 'replace', 'default', 'via', '10.9.9.9', 'dev', 'eth0', 'onlink');
    },
    says: /^the container's route to 0\.0\.0\.0\/0 over eth0 goes by 10\.9\.9\.9, not by 169\.254\.1\.1$/,
  },
  {
    name: 'the default route in the container has no next hop',
    harm: (up) => inside(up, 'route', 'replace', 'default', 'dev', 'eth0'),
    says: /^the container's route to 0\.0\.0\.0\/0 over eth0 goes by no next hop, not by 169\.254\.1\.1$/,
  },
  {
    name: 'the IPv6 default route in the container goes elsewhere',
    conf: { ipam: DUAL },
    harm: (up) => inside(up, '-6', 'route', 'replace', 'default', 'via', 'fe80::1', 'dev', 'eth0'),
    says: /^the container's route to ::\/0 over eth0 goes by fe80::1, not by fe80::ecee:eeff:feee:eeee$/,
  },
  {
    name: 'the IPv6 default route in the container has no next hop and comes first',
    conf: { ipam: DUAL },
    harm: (up) => inside(up, '-6', 'route', 'add', 'default', 'dev', 'eth0', 'metric', '5'),
    says: /^the container's route to ::\/0 over eth0 goes by no next hop, not by fe80::ecee:eeff:feee:eeee$/,
  },
  {
    name: 'the route to the next hop in the container is gone',
    harm: (up) => inside(up, 'route', 'del', '169.254.1.1'),
    says: /^the container has no route to 169\.254\.1\.1\/32 over eth0$/,
  },
  ...HOST_SETTINGS.map((path) => ({
    name: `${path.replace('/HOST', '')} is off on the host`,
    conf: { ipam: DUAL },
    harm: (up: Up) => up.bed.host.must('sh', ['-ec', `echo 0 > /proc/sys/${path.replace('HOST', up.hostLink)}`]),
    says: new RegExp(`^host interface ${HOST} has ${path.replaceAll('/', '\\.').replace('HOST', HOST)}=0, not 1$`),
  })),
  {
    name: 'the host end has lost IPv6',
    conf: { ipam: DUAL },
    harm: ({ bed, hostLink }) =>
      bed.host.must('sh', ['-ec', `echo 1 > /proc/sys/net/ipv6/conf/${hostLink}/disable_ipv6`]),
    says: new RegExp(`^host interface ${HOST} has net\\.ipv6\\.conf\\.${HOST}\\.disable_ipv6=1, not 0$`),
  },
  {
    name: 'the host drops what is sent to the address, in the name of BIRD',
    harm: async (up) => {
      await outside(up, 'route', 'del', up.address);
      await outside(up, 'route', 'add', 'blackhole', up.address, 'proto', 'bird');
    },
    says: new RegExp(`^host has no route to ${ADDRESS}/32 over ${HOST}$`),
  },
  {
    name: 'the host route is gone',
    harm: (up) => outside(up, 'route', 'del', up.address),
    says: new RegExp(`^host has no route to ${ADDRESS}/32 over ${HOST}$`),
  },
  {
    name: 'the limit on what the pod receives is gone',
    conf: LIMITED,
    harm: (up) => tc(up, 'qdisc', 'del', 'dev', up.hostLink, 'root'),
    says: new RegExp(`^${HOST} does not limit its traffic to 10000000 bits per second$`),
  },
  {
    name: 'the device that limits what the pod sends is gone',
    conf: LIMITED,
    harm: (up) => outside(up, 'link', 'del', shaperName(up.hostLink)),
    says: /^bwcali[0-9a-f]{9} does not limit its traffic to 10000000 bits per second$/,
  },
  {
    name: 'what the pod sends no longer goes through its limit',
    conf: LIMITED,
    harm: (up) => tc(up, 'qdisc', 'del', 'dev', up.hostLink, 'ingress'),
    says: new RegExp(`^${HOST} does not redirect the pod's outgoing traffic to bwcali[0-9a-f]{9}$`),
  },
];

/** Damage to the data in etcd. */
export const IN_ETCD: readonly Damage[] = [
  {
    name: 'the endpoint is deleted',
    harm: (up) => deleteKeys(up, '/workloadendpoints/'),
    says: /^endpoint node1-cni-c\w+-eth0 does not exist$/,
  },
  {
    name: 'the endpoint lists another address',
    harm: (up) => edit(up, '/workloadendpoints/', (text) => text.replace(up.address, '192.168.250.250')),
    says: new RegExp(`^endpoint node1-cni-c\\w+-eth0 lacks address ${ADDRESS}$`),
  },
  {
    name: "the block gives the address to another container's handle",
    harm: (up) => edit(up, '/assignment/', (text) => text.replaceAll(`net1.${up.container.containerID}`, 'net1.other')),
    says: new RegExp(`^${ADDRESS} is assigned to net1\\.other in IPAM block ${ADDRESS}/26, not to net1\\.c\\w+$`),
  },
  {
    name: 'the block is gone',
    harm: (up) => deleteKeys(up, '/assignment/'),
    says: new RegExp(`^IPAM block ${ADDRESS}/26, which should hold ${ADDRESS}, does not exist$`),
  },
  {
    name: 'the handle is gone',
    harm: (up) => deleteKeys(up, '/handle/'),
    says: /^IPAM handle net1\.c\w+ does not exist$/,
  },
];

/** ADDs a new container. */
export async function bringUp(bed: Bed, changes: Conf): Promise<Up> {
  const container = await bed.container();
  await bed.etcd.put(POOL6);
  const result = await bed.add(container, { conf: conf(changes) });
  const hostLink = (await caliLinks(bed.host)).find((name) => name.endsWith(container.containerID.slice(0, 11))) ?? '';
  return { bed, container, result, address: addressesOf(result)[0] ?? '', hostLink };
}

/** Runs CHECK of a container with the result of its ADD. */
export function check({ bed, container, result: prevResult }: Up, changes: Conf, more: CallChanges = {}) {
  return bed.call('CHECK', container, { conf: conf({ ...changes, prevResult }), ...more });
}

/** Deletes all keys that contain `part`. */
export async function deleteKeys({ bed }: Up, part: string): Promise<void> {
  const keys = Object.keys(await bed.etcd.dump()).filter((key) => key.includes(part));
  await bed.etcd.del(...keys);
}

async function edit({ bed }: Up, part: string, change: (text: string) => string): Promise<void> {
  const entries = Object.entries(await bed.etcd.dump()).filter(([key]) => key.includes(part));
  await bed.etcd.put(Object.fromEntries(entries.map(([key, text]) => [key, change(text)])));
}
