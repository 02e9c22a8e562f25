import { type CallChanges, type Containers, containersOn } from '../calls/containers.ts';
import { type Host, startHost } from '../host/host.ts';
import { violations } from '../invariants/invariants.ts';
import type { Dump } from '../invariants/ipam-dump.ts';
import { publishedViolations, restViolations, stepViolations } from '../invariants/without-transactions.ts';
import type { Ask } from '../kubernetes/api-client.ts';
import { type Kubernetes, PORT, startKubernetes } from '../kubernetes/api-server.ts';
import { askedDuring } from '../kubernetes/audit.ts';
import { createNamespace, createPod, type PodName, podArgs, writeKubeconfig } from '../kubernetes/pods.ts';
import { startRelay } from '../network/relay.ts';
import type { Conf } from '../stored/cluster.ts';
import { configPlural, defineKinds, type Group, resourcePath } from './custom-resources.ts';
import { dumpOf, dumpsSince, type KubernetesObject, listed, momentOf } from './dump.ts';
import { type CalicoObject, objectsOf } from './objects.ts';
import { grantRights } from './plugin-rights.ts';

/**
 * A machine whose cluster keeps everything in the Kubernetes API: a real API server, the nodes node1 and node2, a pool, and the
 * namespace `prod`.
 */
export interface KubernetesBed extends Omit<Containers, 'namespaces'> {
  readonly host: Host;
  readonly kubernetes: Kubernetes;
  /** Asks as an administrator. */
  readonly ask: Ask;
  readonly group: Group;
  readonly objects: ReturnType<typeof objectsOf>;
  /** Creates an object, or replaces it. */
  apply(object: CalicoObject): Promise<void>;
  /** Calico's objects of this plural. */
  list(plural: string): Promise<readonly KubernetesObject[]>;
  /** A new pod in `prod`; `key` is its name. */
  pod(metadata?: object, spec?: object): Promise<PodName>;
  /** A pod as it is now; undefined when there is none. */
  podObject(name: PodName): Promise<KubernetesObject | undefined>;
  /** All data of address management, as it would be in etcd. */
  dump(): Promise<Dump>;
  /** What is violated while no call is running: the invariants of address management, and those of a datastore without transactions. */
  faults(afterKill?: boolean): Promise<readonly string[]>;
  /** What single writes during some work violate. `nodeOf` tells which blocks are foreign. */
  faultsDuring(work: () => Promise<unknown>, nodeOf?: (handleID: string) => string): Promise<readonly string[]>;
  /** The plugin's requests during some work. */
  asked: <T>(work: () => Promise<T>) => ReturnType<typeof askedDuring<T>>;
  /** Removes what tests have created, and creates the usual objects again. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export const NETWORK = 'k8s-pod-network';
export const KUBECONFIG = '/run/calico-test/kubeconfig';
const DISTANT = '/run/calico-test/distant-kubeconfig';
/** Milliseconds by which `DISTANT` delays every request, so that rounds can be distinguished. */
const DISTANCE = 150;
/** Less than the delay, more than the time between requests of one round. */
export const GAP = 120;

/** A network configuration as in the cluster's manifest. A key with the value undefined is left out. */
export const kddConf = (changes: Conf = {}): Conf => ({
  cniVersion: '1.0.0',
  name: NETWORK,
  type: 'calico',
  datastore_type: 'kubernetes',
  nodename: 'node1',
  nodename_file_optional: true,
  log_level: 'error',
  policy: { type: 'k8s' },
  kubernetes: { kubeconfig: KUBECONFIG },
  ipam: { type: 'calico-ipam' },
  ...changes,
});

/** What a call for a pod changes. */
export const kddPod = (name: PodName, changes: Conf = {}): CallChanges => ({
  args: podArgs(name),
  conf: kddConf(changes),
});

/** The same with a delayed connection to the API server. */
export const distant = (name: PodName, changes: Conf = {}): CallChanges =>
  kddPod(name, { kubernetes: { kubeconfig: DISTANT }, ...changes });

export async function openKubernetesBed(group: Group = 'crd.projectcalico.org'): Promise<KubernetesBed> {
  const host = await startHost();
  const kubernetes = await startKubernetes(host, { audit: true });
  const { ask } = kubernetes;
  await defineKinds(ask, group);
  await grantRights(ask);
  writeKubeconfig({ host }, kubernetes);
  const stopRelay = await startRelay(host, { listen: PORT + 1, to: PORT, delay: DISTANCE });
  writeKubeconfig({ host }, { ...kubernetes, url: `https://127.0.0.1:${PORT + 1}` }, undefined, DISTANT);
  for (const name of ['node1', 'node2']) await kubernetes.create('/api/v1/nodes', { metadata: { name } });
  await createNamespace(kubernetes, 'prod');
  const { namespaces: _, ...containers } = containersOn(host, kddConf);
  const objects = objectsOf(group);
  const apply = (object: CalicoObject) => applyObject(ask, group, object);
  const bed: KubernetesBed = {
    host,
    kubernetes,
    ask,
    group,
    objects,
    ...containers,
    apply,
    list: async (plural) => (await listed(ask, resourcePath(group, plural))).items,
    ...podsOn(kubernetes),
    ...faultsIn(ask, group),
    asked: (work) => askedDuring(host, work),
    reset: async () => {
      await host.must('sh', ['-ec', CLEAN]);
      await reset(ask, group, apply, objects);
    },
    close: async () => {
      stopRelay();
      await kubernetes.stop();
      await host.stop();
    },
  };
  await bed.reset();
  return bed;
}

function podsOn(kubernetes: Kubernetes): Pick<KubernetesBed, 'pod' | 'podObject'> {
  let numbered = 0;
  return {
    pod: async (metadata, spec) => {
      const name = { namespace: 'prod', pod: `web-${++numbered}` };
      await createPod(kubernetes, name, metadata, spec);
      return name;
    },
    podObject: async ({ namespace, pod }) => {
      const { items } = await listed(kubernetes.ask, `/api/v1/namespaces/${namespace}/pods`);
      return items.find(({ metadata }) => metadata.name === pod);
    },
  };
}

function faultsIn(ask: Ask, group: Group): Pick<KubernetesBed, 'dump' | 'faults' | 'faultsDuring'> {
  const dump = () => dumpOf(ask, group);
  return {
    dump,
    faults: async (afterKill = false) => {
      const now = await dump();
      const stored = afterKill ? restViolations(now) : violations(now);
      return [...stored, ...publishedViolations(now, NETWORK)];
    },
    faultsDuring: async (work, nodeOf = () => 'node1') => {
      const before = await momentOf(ask, group);
      await work();
      const dumps = await dumpsSince(ask, group, before);
      const steps = dumps.slice(1).map((after, at) => ({ before: dumps[at] ?? {}, after }));
      return steps.flatMap((step) => stepViolations(step, nodeOf, NETWORK));
    },
  };
}

/** What failed tests have left on the machine. */
const CLEAN = `
for link in $(ip -br link | grep -o '^cali[^@ ]*'); do ip link del "$link"; done
rm -rf /var/lib/calico/cni-journal`;

async function applyObject(ask: Ask, group: Group, { plural, body }: CalicoObject): Promise<void> {
  const path = resourcePath(group, plural, body.metadata.name);
  const there = await ask('GET', path);
  const { resourceVersion } = (there.body['metadata'] ?? {}) as { readonly resourceVersion?: string };
  const { status, text } =
    there.status === 200
      ? await ask('PUT', path, { ...body, metadata: { ...body.metadata, resourceVersion } })
      : await ask('POST', resourcePath(group, plural), body);
  if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
}

async function reset(
  ask: Ask,
  group: Group,
  apply: KubernetesBed['apply'],
  { clusterInformation, pool }: KubernetesBed['objects'],
): Promise<void> {
  const kinds = ['ipamblocks', 'blockaffinities', 'ipamhandles', 'ippools', 'ipreservations', configPlural(group)];
  await Promise.all(kinds.map((plural) => ask('DELETE', resourcePath(group, plural))));
  await ask('DELETE', '/api/v1/namespaces/prod/pods?gracePeriodSeconds=0');
  await apply(clusterInformation());
  await apply(pool('default-ipv4-ippool', '192.168.0.0/16'));
}
