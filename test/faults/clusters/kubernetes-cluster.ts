import { createPod, type PodName, podArgs } from '../../support/kubernetes/pods.ts';
import { ageBlocks } from '../../support/kubernetes-datastore/aged-blocks.ts';
import { KUBECONFIG, type KubernetesBed, kddConf, openKubernetesBed } from '../../support/kubernetes-datastore/bed.ts';
import { resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import type { Conf } from '../../support/stored/cluster.ts';
import { CLAIMED_AT, type Cluster, FOREIGN, NO_LINKS } from './cluster.ts';
import { openVm } from './vm.ts';

const IPV6_POOL = 'fd80:24e2:f998:72d6::/64';
const conf = (changes: Conf): Conf => kddConf({ name: 'net1', ...changes });

/** The cluster with its data in the Kubernetes API. Each container belongs to a pod of its own. */
export async function openKubernetesCluster(): Promise<Cluster> {
  const bed = await openKubernetesBed();
  const { host, ask, group, objects, apply } = bed;
  await host.must('sh', ['-ec', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding']);
  await apply(objects.pool('default-ipv6-ippool', IPV6_POOL));
  await apply(objects.pool(FOREIGN.pool, FOREIGN.cidr));
  await apply(objects.affinity('node2', FOREIGN.cidr));
  await apply(objects.block(FOREIGN.cidr, { node: 'node2', spec: { affinityClaimTime: CLAIMED_AT } }));
  await createPod(bed.kubernetes, { namespace: 'prod', pod: 'foreign' });
  const vm = await openVm(bed.kubernetes);
  const pods = new Map<string, PodName>();
  const launchers = new Map<string, PodName>();
  const remove = async (plural: string) => {
    const own = (await bed.list(plural)).filter(({ spec }) => spec['cidr'] !== FOREIGN.cidr);
    await Promise.all(own.map(({ metadata: { name } }) => ask('DELETE', resourcePath(group, plural, name))));
  };
  return {
    datastore: 'kubernetes',
    host,
    container: async () => {
      const container = await bed.container();
      pods.set(container.containerID, await bed.pod());
      return container;
    },
    call: (command, container, changes = {}) => {
      const pod = launchers.get(container.containerID) ?? pods.get(container.containerID);
      return bed.call(command, container, { ...changes, ...(pod === undefined ? {} : { args: podArgs(pod) }) });
    },
    conf,
    respelt: { kubernetes: { kubeconfig: KUBECONFIG, k8s_api_root: `${bed.kubernetes.url}/` } },
    dump: bed.dump,
    wipe: async () => {
      await remove('ipamblocks');
      await remove('blockaffinities');
    },
    cutPower: ({ containerID }) => cutPower(bed, pods.get(containerID)),
    vm,
    runs: ({ containerID }, pod) =>
      void (pod === undefined ? launchers.delete(containerID) : launchers.set(containerID, pod)),
    close: bed.close,
  };
}

async function cutPower(bed: KubernetesBed, pod: PodName | undefined): Promise<void> {
  await bed.host.must('sh', ['-ec', NO_LINKS]);
  await ageBlocks(bed);
  if (pod === undefined) return;
  await bed.ask('DELETE', `/api/v1/namespaces/${pod.namespace}/pods/${pod.pod}?gracePeriodSeconds=0`);
  await createPod(bed.kubernetes, pod);
}
