import type { Kubernetes } from '../support/kubernetes/api-server.ts';
import { countRequests } from '../support/kubernetes/audit.ts';
import { type PodName, podArgs } from '../support/kubernetes/pods.ts';
import { kddConf } from '../support/kubernetes-datastore/bed.ts';
import { defineKinds, resourcePath } from '../support/kubernetes-datastore/custom-resources.ts';
import { objectsOf } from '../support/kubernetes-datastore/objects.ts';
import { grantRights } from '../support/kubernetes-datastore/plugin-rights.ts';
import { type Line, median, summary } from './figures.ts';
import { type LoneSample, runAlone } from './program.ts';
import { type Contestant, newPod } from './race.ts';
import { OTHER_NODE, type Stage } from './stage.ts';

const GROUP = 'crd.projectcalico.org';

/** Gives the API server what a cluster has whose data it keeps: Calico's kinds, rights, a node and a pool unlike etcd's. */
export async function furnishDatastore({ ask, create }: Kubernetes): Promise<void> {
  await defineKinds(ask, GROUP);
  await grantRights(ask);
  for (const name of ['node1', OTHER_NODE]) await create('/api/v1/nodes', { metadata: { name } });
  const { clusterInformation, pool } = objectsOf(GROUP);
  for (const { plural, body } of [clusterInformation(), pool('default-ipv4-ippool', '172.16.0.0/16')]) {
    await create(resourcePath(GROUP, plural), body);
  }
}

interface Stored {
  readonly pod: PodName;
  /** Path of the container's namespace. */
  readonly netns: string;
  readonly against: string;
}

/** Our plugin where the Kubernetes API keeps everything; its requests are counted. */
export const inKubernetes = ({ host }: Stage, { pod, netns, against }: Stored): Contestant => ({
  name: 'calico, a pod, Kubernetes datastore',
  against,
  calls: async () => ({ requests: await countRequests(host) }),
  call: (command, { containerID, prevResult }) => ({
    command,
    containerID,
    netns,
    args: podArgs(pod),
    conf: kddConf(prevResult === undefined ? {} : { prevResult }),
  }),
});

/** ADDs on a node without a block; before each, everything of address management is deleted. */
export async function measureFirst(
  { host, rounds, quick }: Stage,
  { ask }: Kubernetes,
  contestant: Contestant,
  against: string,
): Promise<Line> {
  const samples: LoneSample[] = [];
  const requests: number[] = [];
  for (let round = 0; round < (quick ? 3 : Math.min(rounds, 20)); round++) {
    const kinds = ['ipamblocks', 'blockaffinities', 'ipamhandles'];
    await Promise.all(kinds.map((plural) => ask('DELETE', resourcePath(GROUP, plural))));
    const pod = newPod(round);
    const before = await countRequests(host);
    samples.push(runAlone(contestant.call('ADD', pod)));
    requests.push((await countRequests(host)) - before);
    runAlone(contestant.call('DEL', pod));
  }
  const figures = { ...summary(samples), calls: median(requests) };
  return { name: `ADD ${contestant.name}, node’s first`, figures, against };
}
