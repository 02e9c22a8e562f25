import type { CalicoObject, objectsOf } from '../../../support/kubernetes-datastore/objects.ts';
import type { Conf } from '../../../support/stored/cluster.ts';

type Objects = ReturnType<typeof objectsOf>;

/** A call of the plugin for a pod, a command of calicoctl, or a change by somebody else. */
export type Step =
  | {
      readonly call: 'ADD' | 'CHECK' | 'DEL';
      /** A pod `web-N`, which is on node1 if N is odd, else on node2. */
      readonly pod: number;
      /** Its container; that of the pod's number if not given. */
      readonly container?: number;
      readonly args?: string;
      readonly conf?: Conf;
    }
  | { readonly calicoctl: string; readonly input?: string }
  | { readonly apply: (objects: Objects) => CalicoObject }
  | { readonly remove: string; readonly name: string };

/** The number of a container whose pod does not exist. */
export const NOBODYS = 99;

const add = (pod: number, more: object = {}): Step => ({ call: 'ADD', pod, ...more });
const check = (pod: number): Step => ({ call: 'CHECK', pod });
const del = (pod: number, more: object = {}): Step => ({ call: 'DEL', pod, ...more });
const ctl = (calicoctl: string, input?: string): Step => ({ calicoctl, ...(input === undefined ? {} : { input }) });
const noPool: Step = { remove: 'ippools', name: 'default-ipv4-ippool' };
const onlyPool = (cidr: string, blockSize: number): readonly Step[] => [
  noPool,
  { apply: ({ pool }) => pool('only', cidr, { blockSize }) },
];

const DUAL = { ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } };
const POOL = `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: more}, spec: {cidr: 10.60.0.0/16}}`;
const NODE = `{apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: node1}, spec: {bgp: {ipv4Address: 10.0.0.1/24, asNumber: 64513}}}`;

/** What is recorded, by name. Each begins with the nodes node1 and node2, a pool, and pods without addresses. */
export const SCENARIOS: Readonly<Record<string, readonly Step[]>> = {
  'add-del': [add(1), check(1), del(1), del(1)],
  'second-pod': [add(1), add(3), del(1), add(5)],
  'two-nodes': [add(1), add(2)],
  're-add': [add(1), add(1), del(1)],
  'new-sandbox': [add(1), add(1, { container: 7 }), del(1), del(1, { container: 7 })],
  'dual-stack': [
    { apply: ({ pool }) => pool('six', 'fd80:24e2:f998:72d6::/64') },
    add(1, { conf: DUAL }),
    del(1, { conf: DUAL }),
  ],
  borrow: [...onlyPool('10.71.0.0/30', 30), add(1), add(2), del(1), del(2)],
  'strict-affinity': [
    ...onlyPool('10.71.0.0/30', 30),
    { apply: ({ config }) => config({ strictAffinity: true }) },
    add(1),
    add(2),
  ],
  exhaustion: [...onlyPool('10.70.0.0/30', 31), add(1), add(3), add(5), add(7), add(9)],
  'static-ip': [
    add(1, { args: 'IP=192.168.7.9' }),
    add(3, { args: 'IP=192.168.7.9' }),
    add(5, { args: 'IP=10.9.9.9' }),
    del(1),
  ],
  reserved: [{ apply: ({ reservation }) => reservation('first', '192.168.89.128/31') }, add(1), del(1)],
  // A refused ADD may end before node1's labels are known to be complete: the one that succeeds settles that.
  errors: [
    add(1),
    del(1),
    add(NOBODYS),
    add(1, { conf: { nodename: 'node9' } }),
    { apply: ({ clusterInformation }) => clusterInformation({ datastoreReady: false }) },
    add(1),
    { remove: 'clusterinformations', name: 'default' },
    add(1),
    ctl('get nodes'),
  ],
  'no-pool': [noPool, add(1), del(1), ctl('ipam show')],
  'left-handle': [
    { apply: ({ affinity }) => affinity('node1', '192.168.89.128/26') },
    { apply: ({ block }) => block('192.168.89.128/26', { node: 'node1' }) },
    { apply: ({ handle }) => handle('k8s-pod-network.c0001', { '192.168.89.128/26': 1 }) },
    ctl('ipam check --grace=0'),
    ctl('ipam repair --yes --grace=0'),
    ctl('ipam check --grace=0'),
  ],
  'show-and-release': [
    add(1),
    ctl('get workloadendpoints -A'),
    ctl('get wep -n prod -o wide'),
    ctl('get blockaffinities'),
    ctl('ipam show'),
    ctl('ipam show --show-blocks'),
    ctl('ipam show --ip=192.168.89.128'),
    ctl('ipam check'),
    ctl('ipam release --ip=192.168.89.128'),
    ctl('ipam show --ip=192.168.89.128'),
    ctl('ipam release --ip=192.168.89.128'),
  ],
  'pools-and-nodes': [
    ctl('apply -f -', POOL),
    ctl('get ippools -o wide'),
    ctl('create -f -', POOL),
    ctl('create -f -', NODE.replaceAll('node1', 'node9')),
    ctl('apply -f -', NODE),
    ctl('get nodes -o wide'),
    ctl('delete node node1'),
    ctl('delete ippool more'),
    ctl('ipam configure --strictaffinity=true'),
    ctl('ipam show --show-configuration'),
    ctl('get nosuch'),
  ],
};
