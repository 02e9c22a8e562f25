import { type Etcd, startEtcd } from '../support/etcd/etcd.ts';
import { type Host, startHost } from '../support/host/host.ts';

/** Machines on one network, and the etcd they share on another network. */
export interface Nodes {
  readonly hosts: readonly Host[];
  /** The spellings of etcd's endpoints. Any two have an address in common. */
  readonly endpoints: readonly [string, ...string[]];
  etcd(): Etcd;
  /** Changes whenever etcd stops or starts. Odd while it is down. */
  epoch(): number;
  /** Kills etcd, waits, and starts it again with the same data. */
  restart(pause: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** The network through which etcd is reached, separate from the machines' own. */
const NETWORK = '10.9.0';
const PORT = 2379;
const FIRST = `http://${NETWORK}.254:${PORT}`;
const SECOND = `http://${NETWORK}.253:${PORT}`;

/** Starts this many machines with an empty etcd. */
export async function openNodes(count: number): Promise<Nodes> {
  const hub = await startHost();
  await hub.must('ip', ['link', 'add', 'bridge0', 'type', 'bridge']);
  await hub.must('ip', ['addr', 'add', `${NETWORK}.254/24`, 'dev', 'bridge0']);
  await hub.must('ip', ['addr', 'add', `${NETWORK}.253/24`, 'dev', 'bridge0']);
  await hub.must('ip', ['link', 'set', 'bridge0', 'up']);
  const hosts: Host[] = [];
  for (let number = 1; number <= count; number++) hosts.push(await plugged(hub, number));
  const start = () => startEtcd(listeningEverywhere(hub), PORT);
  let etcd = await start();
  let epoch = 0;
  return {
    hosts,
    endpoints: [FIRST, `${FIRST}/`, `${SECOND},${FIRST}`, `${FIRST}, ${SECOND}`],
    etcd: () => etcd,
    epoch: () => epoch,
    restart: async (pause) => {
      epoch++;
      await etcd.stop();
      await pause();
      etcd = await start();
      epoch++;
    },
    close: async () => {
      await etcd.stop();
      for (const host of [...hosts, hub]) await host.stop();
    },
  };
}

/** A machine whose uplink leads to the hub. */
async function plugged(hub: Host, number: number): Promise<Host> {
  const host = await startHost();
  const port = `node${number}`;
  await host.must('ip', ['link', 'set', 'uplink0', 'netns', String(hub.pid), 'name', port]);
  await hub.must('ip', ['link', 'set', port, 'master', 'bridge0', 'up']);
  await host.must('ip', ['addr', 'add', `${NETWORK}.${number}/24`, 'dev', 'uplink']);
  return host;
}

/** etcd uses the last of repeated flags. */
function listeningEverywhere(hub: Host): Host {
  const urls = `http://0.0.0.0:${PORT},unix://client:1`;
  return { ...hub, enter: () => [...hub.enter(), 'sh', '-c', `exec "$@" --listen-client-urls=${urls}`, 'sh'] };
}
