import type { DatastoreName } from '../faults/clusters/cluster.ts';
import { type Host, startHost } from '../support/host/host.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import { podArgs } from '../support/kubernetes/pods.ts';
import type { KubeVirt } from '../support/kubernetes-datastore/virtual-machines.ts';
import type { Conf } from '../support/stored/cluster.ts';

/** One way to tell a call where the datastore is. */
export interface Way {
  readonly conf: Conf;
  readonly env: Readonly<Record<string, string>>;
}

/** What a container is called by. */
export interface Name {
  /** CNI_ARGS. */
  readonly args: string;
  /** The key of its endpoint in a dump. */
  readonly endpoint: string;
}

/** Machines on one network, and the datastore they share on another network. The nodes are called node1, node2 … */
export interface Nodes {
  readonly datastore: DatastoreName;
  readonly hosts: readonly Host[];
  /** The first is the usual one. */
  readonly ways: readonly [Way, ...Way[]];
  /** A call that takes longer is seldom. */
  readonly longestMs: number;
  /** A network configuration with these keys. */
  conf(changes: Conf): Conf;
  /** Makes what a container of a node needs in the datastore. */
  name(node: number, containerID: string): Promise<Name>;
  /** Where virtual machines keep their addresses. */
  readonly kubeVirt?: KubeVirt;
  /** What the datastore holds, as it would lie on etcd. */
  dump(): Promise<Dump>;
  /** Changes whenever the datastore stops or starts. Odd while it is down. */
  epoch(): number;
  /** Kills the datastore, waits, and starts it again with the same data. */
  restart(pause: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** Where pods are. */
export const PODS_NAMESPACE = 'prod';

/** What a pod is called by. */
export const podNamed = (at: number, pod: string): Name => ({
  args: podArgs({ namespace: PODS_NAMESPACE, pod }),
  endpoint: `/calico/resources/v3/projectcalico.org/workloadendpoints/${PODS_NAMESPACE}/${nameOf(at)}-k8s-${pod}-eth0`,
});

export const nameOf = (node: number): string => `node${node + 1}`;

/** The network through which the datastore is reached, separate from the machines' own. Any address leads to it. */
const NETWORK = '10.9.0';
export const ADDRESSES = [`${NETWORK}.254`, `${NETWORK}.253`] as const;

/** This many machines whose uplinks lead to the datastore's. */
export async function openNetwork(count: number): Promise<{ readonly hub: Host; readonly hosts: readonly Host[] }> {
  const hub = await startHost();
  await hub.must('ip', ['link', 'add', 'bridge0', 'type', 'bridge']);
  for (const address of ADDRESSES) await hub.must('ip', ['addr', 'add', `${address}/24`, 'dev', 'bridge0']);
  await hub.must('ip', ['link', 'set', 'bridge0', 'up']);
  const hosts: Host[] = [];
  for (let number = 1; number <= count; number++) hosts.push(await plugged(hub, number));
  return { hub, hosts };
}

async function plugged(hub: Host, number: number): Promise<Host> {
  const host = await startHost();
  const port = `node${number}`;
  await host.must('ip', ['link', 'set', 'uplink0', 'netns', String(hub.pid), 'name', port]);
  await hub.must('ip', ['link', 'set', port, 'master', 'bridge0', 'up']);
  await host.must('ip', ['addr', 'add', `${NETWORK}.${number}/24`, 'dev', 'uplink']);
  return host;
}

/** Counts the datastore's stops and starts. */
export function openEpoch() {
  let epoch = 0;
  return {
    now: () => epoch,
    async during(down: () => Promise<unknown>): Promise<void> {
      epoch++;
      await down();
      epoch++;
    },
  };
}
