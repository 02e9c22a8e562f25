import { assign } from '../../../ipam/allocate/assign.ts';
import { readGroup } from '../../../ipam/group/read-group.ts';
import { type AddRequest, addPlan } from '../../../plugins/decide/add-decision.ts';
import { delPlan } from '../../../plugins/decide/del-decision.ts';
import { identify } from '../../../plugins/decide/identity.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { at, node, pool, request } from '../stored/ipam-world.ts';
import { carryOut } from './actor.ts';
import type { ConnectOptions } from './connection.ts';
import type { FakeStore } from './fake-store.ts';

type Seed = Readonly<Record<string, string>>;
type Ipam = Partial<NonNullable<AddRequest['ipam']>>;

const CLUSTER = '/calico/resources/v3/projectcalico.org/clusterinformations/default';
const conf = readNetConf('{"name":"net1"}');
const identity = (nodeName: string, containerID: string) =>
  identify(
    conf,
    { containerID, ifName: 'eth0' },
    readCniArgs('', { ignoreUnknown: false }),
    nodeName,
    `cali${containerID}`,
  );

/** Two nodes and a pool of four blocks of four addresses. */
export const SEED: Seed = {
  [CLUSTER]: '{"kind":"ClusterInformation","spec":{"datastoreReady":true}}',
  ...pool('p', { cidr: '10.0.0.0/28', blockSize: 30 }),
  ...pool('six', { cidr: 'fd00::/120', blockSize: 122 }),
  ...node('n1', { rack: 'a' }),
  ...node('n2'),
};

/** An ADD of a container, decided and committed like the plugin's. Returns its addresses. */
export async function add(
  store: FakeStore,
  nodeName: string,
  container: string,
  ipam: Ipam = {},
  options: ConnectOptions = {},
): Promise<readonly string[]> {
  const asked: AddRequest = {
    identity: identity(nodeName, container),
    content: { addresses: [], mac: '02:00:00:00:00:01', profiles: ['net1'], labels: {} },
    birth: { uid: `u-${container}`, profileUid: 'p', creationTimestamp: '2026-11-21T08:31:17Z' },
    profile: 'net1',
    ipam: request(nodeName, container, ipam),
    ...{ ownAddresses: false, floatingIPs: [], hostVethTaken: false },
  };
  const { endpoint } = await carryOut(store, () => addPlan(asked), options);
  return (endpoint.spec.ipNetworks ?? []).map((network) => network.split('/')[0] ?? '');
}

/** A DEL of a container, like the plugin's. */
export async function del(
  store: FakeStore,
  nodeName: string,
  container: string,
  options: ConnectOptions = {},
): Promise<void> {
  const handleIDs = [`net1.${container}`, container];
  const ipam = { handleIDs, node: nodeName, now: at(900), readOwnBlocks: options.stepwise !== undefined };
  await carryOut(store, () => delPlan({ identity: identity(nodeName, container), ipam }), options);
}

/** A call that may be interrupted, and what others have done before. All of it is about container `c1` on node n1. */
export interface Scenario {
  readonly name: string;
  readonly seed?: Seed;
  /** IPAM arguments of ADDs of c1. */
  readonly ipam?: Ipam;
  readonly verb: 'ADD' | 'DEL';
  readonly before?: (store: FakeStore) => Promise<unknown>;
}

const ONE_BLOCK = pool('p', { cidr: '10.0.0.0/30', blockSize: 30 });
const LEFT = pool('p', { cidr: '10.0.0.0/28', blockSize: 30, nodeSelector: 'rack == "b"' });
const SPARE = pool('spare', { cidr: '10.1.0.0/28', blockSize: 30 });
const leavePool = (store: FakeStore) => {
  for (const [key, value] of Object.entries({ ...LEFT, ...SPARE })) store.put(key, value);
};

/** A group whose first members share a block. */
const MEMBERS = {
  group: readGroup(['10.0.0.8/30', 'fd00::8-fd00::9'], 'args.cni.ipGroup'),
  ordinal: undefined,
  last: [],
};
const BOTH: Ipam = { families: [4, 6] };

/** Calls that may be interrupted between any two writes. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'first ADD', verb: 'ADD' },
  { name: 'warm ADD', verb: 'ADD', before: (store) => add(store, 'n1', 'c0') },
  {
    name: 'ADD again after its endpoint was deleted',
    verb: 'ADD',
    before: async (store) => {
      await add(store, 'n1', 'c1');
      for (const key of Object.keys(store.dump())) if (key.includes('/workloadendpoints/')) store.remove(key);
    },
  },
  {
    name: 'ADD again after its handle and endpoint were deleted',
    verb: 'ADD',
    before: async (store) => {
      await add(store, 'n1', 'c1');
      for (const key of Object.keys(store.dump())) if (/workloadendpoints|handle/.test(key)) store.remove(key);
    },
  },
  { name: 'dual-stack ADD', verb: 'ADD', ipam: BOTH },
  {
    name: 'dual-stack ADD that borrows its IPv4 address',
    verb: 'ADD',
    seed: ONE_BLOCK,
    ipam: BOTH,
    before: (store) => add(store, 'n2', 'c0'),
  },
  {
    name: 'dual-stack ADD of a container that has its IPv4 address',
    verb: 'ADD',
    ipam: BOTH,
    before: (store) => carryOut(store, () => assign(request('n1', 'c1'))),
  },
  { name: 'ADD of a fixed address', verb: 'ADD', ipam: { fixed: ['10.0.0.9'] } },
  {
    name: 'ADD of a fixed address in a foreign block',
    verb: 'ADD',
    ipam: { fixed: ['10.0.0.9'] },
    before: (store) => add(store, 'n2', 'c0', { fixed: ['10.0.0.8'] }),
  },
  { name: 'ADD of a group’s member', verb: 'ADD', ipam: { ...BOTH, group: MEMBERS } },
  {
    name: 'ADD of a group’s member in a foreign block',
    verb: 'ADD',
    ipam: { group: MEMBERS },
    before: (store) => add(store, 'n2', 'c0', { group: MEMBERS }),
  },
  { name: 'ADD that borrows', verb: 'ADD', seed: ONE_BLOCK, before: (store) => add(store, 'n2', 'c0') },
  {
    name: 'ADD that takes an empty block over',
    verb: 'ADD',
    seed: ONE_BLOCK,
    ipam: { now: at(999) },
    before: async (store) => {
      await add(store, 'n2', 'c0');
      await del(store, 'n2', 'c0');
    },
  },
  {
    name: 'ADD that gives up the claim on a pool no longer for its node',
    verb: 'ADD',
    before: async (store) => {
      await add(store, 'n1', 'c0');
      await del(store, 'n1', 'c0');
      leavePool(store);
    },
  },
  { name: 'DEL', verb: 'DEL', before: (store) => add(store, 'n1', 'c1') },
  { name: 'dual-stack DEL', verb: 'DEL', ipam: BOTH, before: (store) => add(store, 'n1', 'c1', BOTH) },
  {
    name: 'DEL of a borrowed address',
    verb: 'DEL',
    seed: ONE_BLOCK,
    before: async (store) => {
      await add(store, 'n2', 'c0');
      await add(store, 'n1', 'c1');
    },
  },
  {
    name: 'DEL of an own and a borrowed address',
    verb: 'DEL',
    ipam: BOTH,
    seed: ONE_BLOCK,
    before: async (store) => {
      await add(store, 'n2', 'c0');
      await add(store, 'n1', 'c1', BOTH);
    },
  },
  {
    name: 'DEL that gives back a block of a pool no longer for its node',
    verb: 'DEL',
    before: async (store) => {
      await add(store, 'n1', 'c1');
      leavePool(store);
    },
  },
  {
    name: 'repeated DEL',
    verb: 'DEL',
    before: async (store) => {
      await add(store, 'n1', 'c1');
      await del(store, 'n1', 'c1');
    },
  },
];

/** The scenario's call on n1. */
export const call = (store: FakeStore, { verb, ipam }: Scenario, options: ConnectOptions): Promise<unknown> =>
  verb === 'ADD' ? add(store, 'n1', 'c1', ipam, options) : del(store, 'n1', 'c1', options);
