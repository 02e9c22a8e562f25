import type { Host } from '../host/host.ts';
import { addNetns } from '../network/netns.ts';
import type { Keys } from '../network/tls-keys.ts';
import { type Dump, type Etcd, launch } from './etcd.ts';

/** One member of a cluster of three, in a network namespace of its own on the machine's bridge. */
export interface Member {
  readonly endpoint: string;
  /** The process of this member. `restart` replaces it. */
  etcd(): Etcd;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Cuts it off from everything. */
  cutOff(): Promise<void>;
  /** Clients can reach it, the other members cannot. */
  isolate(): Promise<void>;
  /** Connects it again, and continues it if it was paused. */
  heal(): Promise<void>;
}

export interface Members {
  readonly all: readonly [Member, Member, Member];
  /** The leader first: the worst order if the leader fails. */
  leaderFirst(): Promise<readonly [Member, Member, Member]>;
  put(keys: Dump): Promise<void>;
  /** The data of the members, after repairing all of them. Undefined when fewer than two run. */
  dump(): Promise<Dump | undefined>;
  stop(): Promise<void>;
}

export interface MembersOptions {
  /** Serve TLS and require a client certificate. */
  readonly keys?: Keys;
  readonly flags?: Readonly<Record<string, string>>;
}

/** The members' addresses. The machine itself has 10.9.0.254. */
export const ADDRESSES = ['10.9.0.1', '10.9.0.2', '10.9.0.3'] as const;
const netnsOf = (address: string) => `etcd${address.split('.').at(-1)}`;

/** Endpoints as a network configuration names them. */
export const listed = (members: readonly Member[]): string => members.map(({ endpoint }) => endpoint).join(',');

/** Starts three members. They end with the test process at the latest. */
export async function startMembers(host: Host, options: MembersOptions = {}): Promise<Members> {
  await host.must('sh', [
    '-ec',
    'ip link add etcdbr type bridge; ip link set etcdbr up; ip addr add 10.9.0.254/24 dev etcdbr',
  ]);
  for (const address of ADDRESSES) await plugIn(host, address);
  const [one, two, three] = ADDRESSES.map((address) => member(host, address, options));
  if (!one || !two || !three) throw new Error('three members are needed');
  const all = [one, two, three] as const;
  await Promise.all(all.map((each) => each.restart()));
  return {
    all,
    leaderFirst: async () => {
      const isLeader = await Promise.all(all.map(leads));
      const [first, ...others] = [...all].sort(
        (a, b) => Number(isLeader[all.indexOf(b)]) - Number(isLeader[all.indexOf(a)]),
      );
      const [second, third] = others;
      if (!first || !second || !third) throw new Error('three members are needed');
      return [first, second, third];
    },
    put: (keys) => one.etcd().put(keys),
    dump: async () => {
      for (const each of all) await each.heal();
      const [witness, other] = all.filter((each) => each.etcd().isRunning());
      return witness && other && witness.etcd().dump();
    },
    stop: async () => {
      for (const each of all) await each.kill();
    },
  };
}

async function plugIn(host: Host, address: string): Promise<void> {
  const name = netnsOf(address);
  await addNetns(host, name);
  const peer = `netns ${name} name eth0`;
  await host.must('sh', [
    '-ec',
    `ip link add ${name} type veth peer ${peer}; ip link set ${name} master etcdbr up; ip -n ${name} addr add ${address}/24 dev eth0; ip -n ${name} link set eth0 up`,
  ]);
}

function member(host: Host, address: string, { keys, flags = {} }: MembersOptions): Member {
  const name = netnsOf(address);
  const endpoint = `${keys === undefined ? 'http' : 'https'}://${address}:2379`;
  const others = ADDRESSES.filter((other) => other !== address);
  const enter = [...host.enter(), 'nsenter', `--net=/run/netns/${name}`, '--'];
  const all = { ...memberFlags(name, address, endpoint), ...(keys === undefined ? {} : tlsFlags(keys)), ...flags };
  const away = others.map((other) => `ip -n ${name} route add blackhole ${other}/32`).join('; ');
  let etcd: Etcd | undefined;
  return {
    endpoint,
    etcd: () => {
      if (etcd === undefined) throw new Error(`${name} was never started`);
      return etcd;
    },
    kill: async () => {
      etcd?.resume();
      await etcd?.stop();
    },
    restart: async () => {
      etcd = await launch(host, enter, `/run/calico-test/${name}`, all);
    },
    cutOff: async () => void (await host.must('ip', ['link', 'set', name, 'down'])),
    isolate: async () => void (await host.must('sh', ['-ec', away])),
    heal: async () => {
      etcd?.resume();
      await host.must('ip', ['link', 'set', name, 'up']);
      await host.must('ip', ['-n', name, 'route', 'flush', 'type', 'blackhole']);
    },
  };
}

function memberFlags(name: string, address: string, endpoint: string): Record<string, string> {
  const peer = `http://${address}:2380`;
  return {
    name,
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': ADDRESSES.map((each) => `${netnsOf(each)}=http://${each}:2380`).join(),
    'heartbeat-interval': '50',
    'election-timeout': '500',
  };
}

const tlsFlags = (keys: Keys): Record<string, string> => ({
  'cert-file': keys.serverCert,
  'key-file': keys.serverKey,
  'trusted-ca-file': keys.ca,
  'client-cert-auth': 'true',
});

async function leads(each: Member): Promise<boolean> {
  const status = await each.etcd().post('maintenance/status', {});
  return status['leader'] === (status['header'] as { member_id: string }).member_id;
}
